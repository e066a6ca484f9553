#!/usr/bin/env bash
# Stage 1 in float32 and in bf16, of three tasks with three seeds, and what they score.
# Usage: score.sh OUT [TRAIN], with POWERBERT_DATA and POWERBERT_MODEL set; it resumes, and
# leaves OUT/results.tsv, a line for each run that is complete.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
train=${2:-train}
mkdir -p "$1" && cd "$1"
export ROWS=$PWD/rows.tsv
head -n 2001 "$POWERBERT_DATA/data/glue/SST-2/train.tsv" >"$ROWS"
for task in sst2 rte mrpc; do
	for seed in 1 2 3; do
		for precision in float32 bf16; do
			"$train" finetune "$here/$task.yaml" --set seed=$seed --set precision=$precision --out "$task-$seed-$precision" --resume --json >"$task-$seed-$precision.json"
		done
	done
done
for result in *.json; do
	IFS=- read -r task seed precision <<<"${result%.json}"
	of() { sed -n "s/^ *\"$1\": \([0-9.]*\),*\$/\1/p" "$result"; }
	printf '%s\t%s\t%s\t%s\t%s\n' "$task" "$seed" "$precision" "$(of dev)" "$(of loss)"
done | sort >results.tsv
