#!/usr/bin/env bash
# Compares with SimPy and Ciw on the case of twelve servers, and with pyworkforce on the requirement of a week, all in one run.
# The peers live in a virtual environment below target/, from the versions of requirements.txt.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    echo "peers: installing python3-venv with apt-get"
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -q
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -q -y --no-install-recommends python3-venv
fi
venv=target/peers
if [ ! -f "$venv/done" ] || ! cmp -s tests/peers/requirements.txt "$venv/done"; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check -r tests/peers/requirements.txt
    cp tests/peers/requirements.txt "$venv/done"
fi
cargo build -q --release --bin peers
"$venv/bin/python" tests/peers/compare.py "${CARGO_TARGET_DIR:-target}/release/peers"
cargo build -q --release --bin fika
"$venv/bin/python" tests/peers/rosters.py "${CARGO_TARGET_DIR:-target}/release/fika"
