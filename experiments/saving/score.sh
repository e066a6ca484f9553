#!/usr/bin/env bash
# Attention against attention times value norms: the same stage 1 and list, three seeds.
# Usage: score.sh OUT, with POWERBERT_DATA and POWERBERT_MODEL set; it resumes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && cd "$1"
export ROWS=$PWD/rows.tsv
head -n 10001 "$POWERBERT_DATA/data/glue/SST-2/train.tsv" >"$ROWS"
for seed in 1 2 3; do
	train finetune "$here/score.yaml" --set seed=$seed --out seed$seed-attention --resume
	[ -e seed$seed-value ] || cp -r seed$seed-attention seed$seed-value
	for score in attention value; do
		train run "$here/score.yaml" --set seed=$seed --set search.score=$score --out seed$seed-$score --json >seed$seed-$score.json
	done
done
