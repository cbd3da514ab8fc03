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
cargo bench -p hedgerow-benches --bench value --bench hedge --bench load -- --quiet 2>/dev/null | grep -E '^(value|hedge|sweep|load)|time:' || true
