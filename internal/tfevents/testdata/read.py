"""Prints the scalars that TensorBoard itself reads from a directory of event files, as JSON:
tag to a list of [step, value].

    python read.py DIR        # TensorBoard 2.21
"""
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
events.Reload()
print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}))
