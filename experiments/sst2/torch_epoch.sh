#!/bin/sh
# Runs torch_epoch.py with the libraries that make PyTorch fastest on a CPU.
#
# Debian's PyTorch loads the BLAS that the system's alternatives name, by default an OpenBLAS with
# threads of its own, which fight PyTorch's OpenMP threads for the cores: half the speed. tcmalloc saves
# the page faults of glibc's malloc, which gives large blocks back after every step.
#
#   apt-get install python3-torch python3-numpy libopenblas0-openmp libtcmalloc-minimal4
set -eu
here=$(dirname "$0")
lib=/usr/lib/$(uname -m)-linux-gnu
blas=$lib/openblas-openmp
malloc=$lib/libtcmalloc_minimal.so.4
for want in "$blas/libblas.so.3" "$malloc"; do
	if [ ! -e "$want" ]; then
		echo "torch_epoch.sh: $want is missing; install libopenblas0-openmp and libtcmalloc-minimal4" >&2
		exit 1
	fi
done
export LD_LIBRARY_PATH="$blas${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export LD_PRELOAD="$malloc" TORCH_TUNED="openblas-openmp, tcmalloc"
exec /usr/bin/python3 -W ignore "$here/torch_epoch.py" "$@"
