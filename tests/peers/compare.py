"""Twelve servers in SimPy and Ciw, and the requirement of a week in pyworkforce, beside fika's: same answers, and how much faster.

usage: compare.py PROGRAM, where PROGRAM is fika's side, the binary `peers`. Each side is timed in rounds by turns, so that a noisy
machine is noisy for all; the median counts. Exit 1 when an answer differs; a ratio below 100 is named.
"""

import json
import math
import random
import statistics
import subprocess
import sys
import time

import ciw
import simpy
from pyworkforce.queuing import ErlangC

ARRIVALS, SERVICE, SERVERS, MINUTES, THRESHOLD = 4.2, 0.5, 12, 480.0, 20.0 / 60.0
ROUNDS, DAYS = 5, 10
AIMED_AT = 100


def simpy_day(seed):
    """Calls, and those answered in time, of a day that begins empty."""
    draw = random.Random(seed)
    environment = simpy.Environment()
    agents = simpy.Resource(environment, SERVERS)
    counts = [0, 0]

    def call():
        arrived = environment.now
        with agents.request() as request:
            yield request
            counts[1] += environment.now - arrived <= THRESHOLD
            yield environment.timeout(draw.expovariate(SERVICE))

    def source():
        while True:
            yield environment.timeout(draw.expovariate(ARRIVALS))
            if environment.now >= MINUTES:
                return
            counts[0] += 1
            environment.process(call())

    environment.process(source())
    environment.run()
    return counts


def ciw_day(seed):
    """The same in Ciw; calls still in service at the end of the day are over before it stops."""
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=ARRIVALS)],
        service_distributions=[ciw.dists.Exponential(rate=SERVICE)],
        number_of_servers=[SERVERS],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(MINUTES + 60.0)
    waits = [record.waiting_time for record in simulation.get_all_records() if record.arrival_date < MINUTES]
    return [len(waits), sum(wait <= THRESHOLD for wait in waits)]


def timed(day, seed):
    """Seconds a call, and the service level of each day."""
    began = time.perf_counter()
    days = [day(seed * DAYS + n) for n in range(DAYS)]
    passed = time.perf_counter() - began
    return passed / sum(calls for calls, _ in days), days


def ours(program):
    return json.loads(subprocess.run([program], check=True, capture_output=True).stdout)


def interval(days):
    """Service level over all calls with a 95 % interval over days."""
    calls, good = sum(day[0] for day in days), sum(day[1] for day in days)
    level = good / calls
    residuals = [day[1] - level * day[0] for day in days]
    half = 1.96 * math.sqrt(sum(r * r for r in residuals) / (len(days) - 1) / len(days)) / (calls / len(days))
    return level, half


def requirement(week):
    began = time.perf_counter()
    positions = []
    for calls in week["calls"]:
        erlang = ErlangC(
            transactions=calls, aht=week["aht_s"] / 60.0, asa=THRESHOLD, interval=week["interval_s"] / 60.0, shrinkage=0.0
        )
        positions.append(erlang.required_positions(service_level=0.8, max_occupancy=1.0)["raw_positions"])
    return time.perf_counter() - began, positions


def short(ratio):
    return "" if ratio >= AIMED_AT else f" (below the {AIMED_AT} aimed at)"


def main():
    program = sys.argv[1]
    times = {"SimPy": [], "Ciw": [], "fika": [], "fika, all cores": [], "pyworkforce": [], "fika, a week": []}
    days = {"SimPy": [], "Ciw": []}
    for seed in range(ROUNDS):
        for name, day in (("SimPy", simpy_day), ("Ciw", ciw_day)):
            a_call, some = timed(day, seed)
            times[name].append(a_call)
            days[name] += some
        mine = ours(program)
        times["fika"].append(mine["simulation"]["seconds"] / mine["simulation"]["calls"])
        times["fika, all cores"].append(mine["simulation"]["seconds_all_cores"] / mine["simulation"]["calls"])
        times["fika, a week"].append(mine["week"]["seconds"])
        passed, positions = requirement(mine["week"])
        times["pyworkforce"].append(passed)
    fine = True
    level, half = mine["simulation"]["service_level"], mine["simulation"]["half_width"]
    print(f"fika: service level {level:.4f} ± {half:.4f}")
    middle = {name: statistics.median(values) for name, values in times.items()}
    noise = {name: max(values) / min(values) for name, values in times.items()}
    for name in ("SimPy", "Ciw"):
        other, width = interval(days[name])
        agrees = abs(level - other) <= math.hypot(half, width)
        one, ratio = middle[name] / middle["fika"], middle[name] / middle["fika, all cores"]
        fine &= agrees
        print(
            f"{name}: {1 / middle[name]:,.0f} calls a second against {1 / middle['fika']:,.0f} on one core, {one:,.0f} times, "
            f"and {1 / middle['fika, all cores']:,.0f} on {mine['simulation']['cores']} cores, {ratio:,.0f} times{short(ratio)}; "
            f"service level {other:.4f} ± {width:.4f}: {'the same' if agrees else 'NOT the same'}"
        )
    ratio = middle["pyworkforce"] / middle["fika, a week"]
    differ = [n for n, (a, b) in enumerate(zip(positions, mine["week"]["positions"])) if a != b]
    fine &= not differ
    print(
        f"pyworkforce: the requirement of a week in {middle['pyworkforce'] * 1e3:,.1f} ms against {middle['fika, a week'] * 1e3:.3f} ms: "
        f"{ratio:,.0f} times{short(ratio)}; {len(differ)} of {len(positions)} intervals differ {differ[:10] if differ else ''}"
    )
    print("slowest over fastest round:", ", ".join(f"{name} {value:.2f}" for name, value in noise.items()))
    sys.exit(0 if fine else 1)


main()
