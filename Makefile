# Thin: each target is a line or two, and `make help` lists them.
SHELL := /bin/bash
CARGO ?= cargo
BANK ?= ../shared/data/anonymous_bank_1999
# How many events `bench-bus` measures with.
EVENTS ?= 2000000

.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing to build (says what it does; does nothing when all is there)
	@deploy/setup.sh build

setup-kafka: ## what the tests against a real broker need: Java, Maven, Apache Kafka's jars
	@deploy/setup.sh kafka

demo: setup ## play eight weeks of a contact centre and make the roster of the next
	$(CARGO) run --release --bin fika -- demo

build: setup ## build the program
	$(CARGO) build --release --bin fika

test: setup ## all tests that need nothing but this machine
	$(CARGO) test --release --workspace

test-kafka: setup setup-kafka ## the tests against a real Apache Kafka on loopback
	FIKA_REQUIRE_KAFKA=1 $(CARGO) test --release --workspace --test kafka_bus --test kafka_whole_way --test kafka_operations \
		--test kafka_exactly_once -- --test-threads=1

test-kafka-faults: ## the same, and members and brokers of three killed, outages, drains, a rolling restart, a backlog; many minutes of both cores
	FIKA_KAFKA_FAULTS=1 $(MAKE) test-kafka

test-kafka-million: setup setup-kafka ## exactly once for a million events while members and brokers are killed, and ten million events behind
	FIKA_REQUIRE_KAFKA=1 FIKA_KAFKA_FAULTS=1 FIKA_EVENTS=1_000_000 $(CARGO) test --release --workspace --test kafka_exactly_once -- --nocapture --test-threads=1
	FIKA_REQUIRE_KAFKA=1 FIKA_KAFKA_FAULTS=1 FIKA_BACKLOG=10_000_000 $(CARGO) test --release --workspace --test kafka_operations behind -- --nocapture

test-browser: setup ## the board of a day in a real browser
	@deploy/setup.sh image
	FIKA_REQUIRE_BROWSER=1 $(CARGO) test --release --workspace --test browser

bank: setup ## the real bank: replay its calls, make the roster of the week after, print the figures
	$(CARGO) run --release --bin bank

bench: setup bench-bus ## measure everything, more than half an hour; copy what it prints into BENCHMARKS.md
	$(CARGO) bench --workspace
	$(MAKE) bench-solver-large

bench-solver-large: setup ## the largest request: 5,000 agents, 12 queues, four weeks, five minutes
	$(CARGO) bench -p fika-planning --bench rosters -- large

bench-bus: setup setup-kafka ## events to counters on both buses, beside a bare consumer and Kafka Streams
	sh tests/kafka/fetch.sh streams
	$(CARGO) build --release --bin fika
	$(CARGO) run --release --bin bus-bench -- $(EVENTS)

bank-simulation: setup ## the real bank's January simulated against what was measured, by hour, with a picture
	$(CARGO) run --release --bin bank-simulation -- $(BANK) target/bank-simulation.svg

staffing-table: setup ## how far staffing rules keep their promise when calls vary
	$(CARGO) run --release --bin staffing-table

peers: setup ## the same answers as SimPy, Ciw and pyworkforce, and how much faster
	tests/peers/run.sh

lint: setup ## clippy and formatting, as CI runs them
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets -- -D warnings

fmt: ## format the code
	$(CARGO) fmt --all

clean: ## remove everything that was built
	$(CARGO) clean

.PHONY: help setup setup-kafka demo build test test-kafka test-kafka-faults test-kafka-million test-browser bank bench bench-bus bench-solver-large bank-simulation staffing-table peers lint fmt clean
