"""What ONNX Runtime makes of an exported model.

Reads {"model": FILE, "batches": [{"input_ids": [...], ...}, ...]} from standard input and prints, as JSON, the outputs of
each batch by name: {"shape": [...], "data": [...]}.
"""
import json
import sys

import numpy as np
import onnxruntime as ort

asked = json.load(sys.stdin)
options = ort.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = ort.InferenceSession(asked["model"], options)
inputs, outputs = ([one.name for one in side] for side in (session.get_inputs(), session.get_outputs()))


def run(batch):
    made = session.run(outputs, {name: np.array(batch[name], np.int64) for name in inputs})
    return {name: {"shape": one.shape, "data": one.flatten().tolist()} for name, one in zip(outputs, made)}


print(json.dumps([run(batch) for batch in asked["batches"]]))
