#!/usr/bin/env bash
# Makes extraction.json anew: what transformers of today says of small models that take
# word-vectors out, for tests that have no Python. To be run where the modelling file changes.
set -euo pipefail
cd "$(dirname "$0")/.."
POWERBERT_PYTHON=$(../internal/oracles/install.sh) go test -count 1 -run OracleOfExtraction/POWERBERT_PYTHON . -args -update
