#!/usr/bin/env bash
# Installs the oracles into environments of Python that are kept between checkouts, and
# prints an interpreter: for POWERBERT_PYTHON that of requirements.txt, for
# POWERBERT_RUNTIMES (install.sh runtimes) that of runtimes.txt over it, for
# POWERBERT_PREVIOUS (install.sh previous) that of previous.txt over both, for
# POWERBERT_SPARK (install.sh spark) that of spark.txt alone, and for what experiments
# measure beside powerbert (install.sh peers) that of experiments/peer/requirements.txt
# over the runtimes. One that lies over another sees the packages there but for its own, so that the large ones are there
# once. Each is named by its pins and those below it.
set -euo pipefail
cd "$(dirname "$0")"

below=() # the folders of packages of the environments so far, the last one first

# environment NAME PINS… makes what the last of the pins names, over those so far.
environment() {
	local env="${XDG_CACHE_HOME:-$HOME/.cache}/powerbert/$1-$(cat "${@:2}" | sha256sum | cut -c1-12)"
	if [ ! -e "$env/complete" ]; then
		rm -rf "$env"
		python3 -m venv "$env" >&2
		printf '%s\n' "${below[@]}" > "$(echo "$env"/lib/python*/site-packages)/below.pth"
		"$env/bin/pip" install --quiet --disable-pip-version-check -r "${!#}" >&2
		touch "$env/complete"
	fi
	below=("$(echo "$env"/lib/python*/site-packages)" "${below[@]}")
	python=$env/bin/python
}

if [ "${1:-}" = spark ]; then
	environment spark spark.txt
	echo "$python"
	exit
fi
environment oracles requirements.txt
case "${1:-}" in
runtimes | previous | peers) environment runtimes requirements.txt runtimes.txt ;;&
peers) environment peers requirements.txt runtimes.txt ../../experiments/peer/requirements.txt ;;
previous) environment previous requirements.txt runtimes.txt previous.txt ;;
esac
echo "$python"
