#!/usr/bin/env bash
# Times the same work with the tools people use today, in a private environment beside this script, then our own benches, so
# that both are measured in one run on one machine. Needs Python 3 with venv, and pip's registry.
set -euo pipefail
cd "$(dirname "$0")"
environment=${TMPDIR:-/tmp}/hedgerow-peers
[ -d "$environment" ] || { python3 -m venv "$environment"; "$environment/bin/pip" install --quiet numpy scipy numba polars; }
for script in black_scholes.py hedge_band.py load.py; do
  "$environment/bin/python" "$script"
done
cargo run --quiet --release -p hedgerow-greeks --example ns_per_option > "$environment/ours.txt"
python3 greeks.py "$environment/ours.txt"
cargo bench -p hedgerow-benches --bench value --bench greeks --bench hedge --bench load -- --quiet 2>/dev/null | grep -E '^(value|greeks|implied|Heston|hedge|sweep|load)|time:' || true
