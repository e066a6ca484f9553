#!/usr/bin/env bash
# One factor at a time: the same stage 1, the same price, and one key that differs.
# Usage: factors.sh OUT TRAIN SEEDS EXPERIMENT.yaml..., with POWERBERT_DATA and
# POWERBERT_MODEL set; it resumes.
set -euo pipefail
out=$1 train=$2 seeds=$3
shift 3

# name, and what it sets beside the price and the candidate of its group
factors() {
	cat <<-'LIST'
		geometric
		geometric-attention search.score=attention
		geometric-labels retrain.distil.alpha=0
		geometric-teacher retrain.distil.alpha=1
		geometric-cls retrain.distil.cls=100
		geometric-longer retrain.epochs=6
		learned
		learned-any-rank search.dead_last=false
		learned-cls-first search.protect_cls=true
		learned-distilled search.distil.alpha=0.5
	LIST
}

for seed in $seeds; do
	for experiment in "$@"; do
		first=$out/$(basename "$experiment" .yaml)-$seed
		"$train" finetune "$experiment" --set seed="$seed" --set search.target=0.4 --out "$first" --resume
		factors | grep -E "^(${ONLY:-.*})( |$)" | while read -r name set; do
			run=$first-$name
			[ -e "$run" ] || cp -r "$first" "$run"
			# shellcheck disable=SC2086
			"$train" run "$experiment" --set seed="$seed" --set search.target=0.4 --set "search.candidates=[${name%%-*}]" \
				${set:+--set $set} --out "$run" </dev/null
		done
	done
done
