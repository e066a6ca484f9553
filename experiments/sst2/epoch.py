#!/usr/bin/env python3
"""What an epoch of SST-2 costs, to train on and to evaluate: powerbert with real lengths, powerbert with every sentence padded to 64,
and PyTorch with batches bucketed by length (torch_epoch.sh). They take turns.

    make build && POWERBERT_DATA=DIR experiments/sst2/epoch.py [ROUNDS] > experiments/sst2/epoch.json

Every turn times some steps and scales them to the epoch's 67,349 sentences, all of which an
evaluation scores; medians and ratios are over the rounds. Reading and tokenising are not timed. "losses" are the task losses of the first
steps without dropout, padded and not: they must agree.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
TRAIN = HERE.parents[1] / "bin" / "train"
EXAMPLES = 67349


@contextmanager
def dry_run(steps, *settings):
    """The stage's directory of a dry run of so many steps."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        subprocess.run([TRAIN, "finetune", "sst2", "--max-steps", str(steps), "--out", out, "--set", "log_every=10",
                        *(x for s in settings for x in ("--set", s))], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield Path(folder) / "run.dry" / "finetune"


def lines(steps, *settings):
    """metrics.jsonl of a dry run of so many steps."""
    with dry_run(steps, *settings) as stage:
        text = (stage / "metrics.jsonl").read_text()
    return [m for m in map(json.loads, text.splitlines()) if "examples_per_second" in m]


def ours(steps, *settings):
    return EXAMPLES / lines(steps, *settings)[-1]["examples_per_second"]


def ours_evaluating(*settings):
    texts = Path(os.environ["POWERBERT_DATA"]) / "data" / "glue" / "SST-2" / "train.tsv"
    with dry_run(1, *settings) as stage:
        return json.loads(subprocess.run([TRAIN, "eval", stage, "--data", texts, "--json"], check=True, stdout=subprocess.PIPE).stdout)["seconds"]


def torch(*arguments):
    out = subprocess.run([HERE / "torch_epoch.sh", "--steps", "100", *arguments], check=True, stdout=subprocess.PIPE).stdout
    return json.loads(out)["seconds_per_epoch"]


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    sides = {
        "real_lengths": lambda: ours(200), "padded": lambda: ours(50, "data.pad=true"), "torch_bucketed": torch,
        "evaluation_real_lengths": ours_evaluating, "evaluation_padded": lambda: ours_evaluating("data.pad=true"),
        "evaluation_torch_bucketed": lambda: torch("--evaluate"),
    }
    seconds = {name: [] for name in sides}
    for _ in range(rounds):
        for name, measure in sides.items():
            seconds[name].append(round(measure(), 1))
            print(name, seconds[name][-1], file=sys.stderr)
    ratio = lambda a, b: statistics.median(x / y for x, y in zip(seconds[a], seconds[b]))
    still = ("encoder.dropout=0", "encoder.attention_dropout=0")
    losses = [[m["task_loss"] for m in lines(30, *still, f"data.pad={pad}")] for pad in ("false", "true")]
    print(json.dumps({
        "seconds_per_epoch": {name: statistics.median(s) for name, s in seconds.items()}, "rounds": seconds,
        "ratios": {f"{what}real_lengths/{other}": round(ratio(what + "real_lengths", what + other), 3)
                   for what in ("", "evaluation_") for other in ("padded", "torch_bucketed")},
        "losses": {"real_lengths": losses[0], "padded": losses[1]},
        "cpu": next(l.split(": ", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "cores": os.cpu_count(),
    }, indent=2))


if __name__ == "__main__":
    main()
