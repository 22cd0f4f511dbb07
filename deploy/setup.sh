#!/usr/bin/env bash
# Installs what building or testing needs and is missing; says what it does; does nothing when all is there.
#   deploy/setup.sh build    a C and C++ compiler, cmake, make, perl (OpenSSL is built from source), libclang
#   deploy/setup.sh kafka    Java 17 or newer, Maven, and Apache Kafka's jars in target/kafka
#   deploy/setup.sh image    Chromium, to turn SVG pictures into PNG
set -euo pipefail
cd "$(dirname "$0")/.."

have() { command -v "$1" >/dev/null 2>&1; }

have_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] && return 0
    # bindgen loads libclang.so, libclang-*.so or libclang.so.* at build time
    compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null && return 0
    compgen -G '/usr/lib/*/libclang*.so*' | grep -qv 'libclang-cpp' && return 0
    compgen -G '/usr/lib64/libclang*.so*' >/dev/null && return 0
    compgen -G '/Library/Developer/CommandLineTools/usr/lib/libclang.dylib' >/dev/null && return 0
    compgen -G '/opt/homebrew/opt/llvm/lib/libclang.dylib' >/dev/null
}

missing=()
want() { # want COMMAND DEBIAN-PACKAGE BREW-FORMULA
    have "$1" || missing+=("$2:$3")
}

case "${1:-build}" in
build)
    want cc gcc gcc
    want c++ g++ gcc
    want make make make
    want cmake cmake cmake
    want perl perl perl
    want pkg-config pkg-config pkgconf
    have_libclang || missing+=("libclang-dev:llvm")
    ;;
kafka)
    want java default-jdk-headless openjdk
    want mvn maven maven
    ;;
image)
    have chromium || have chromium-browser || have google-chrome || missing+=("chromium:chromium")
    ;;
*)
    echo "usage: $0 build|kafka|image" >&2
    exit 2
    ;;
esac

if [ "${#missing[@]}" -gt 0 ]; then
    debian=("${missing[@]%%:*}")
    brew=("${missing[@]##*:}")
    if have apt-get; then
        as_root=()
        [ "$(id -u)" -eq 0 ] || as_root=(sudo)
        echo "setup: installing ${debian[*]} with apt-get"
        "${as_root[@]}" apt-get update -q
        DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -q -y --no-install-recommends "${debian[@]}"
    elif have brew; then
        echo "setup: missing; install with: brew install ${brew[*]}" >&2
        exit 1
    else
        echo "setup: missing: ${debian[*]} (Debian's names); install them with this system's packages" >&2
        exit 1
    fi
fi

if ! have cargo; then
    echo "setup: there is no Rust toolchain; install one of version 1.89 or newer with rustup" >&2
    exit 1
fi

if [ "${1:-build}" = kafka ]; then
    tests/kafka/fetch.sh
fi
