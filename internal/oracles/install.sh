#!/usr/bin/env bash
# Installs the oracles (requirements.txt) into an environment of Python that is kept
# between checkouts, named by the pins, and prints its interpreter: for POWERBERT_PYTHON.
set -euo pipefail
cd "$(dirname "$0")"
pins=$(sha256sum requirements.txt | cut -c1-12)
env="${XDG_CACHE_HOME:-$HOME/.cache}/powerbert/oracles-$pins"
if [ ! -e "$env/complete" ]; then
	rm -rf "$env"
	python3 -m venv "$env" >&2
	"$env/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt >&2
	touch "$env/complete"
fi
echo "$env/bin/python"
