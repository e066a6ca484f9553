#!/usr/bin/env python3
"""Times an ONNX file of `train export --int8` beside that in float32, in ONNX Runtime and OpenVINO, turn by turn.

    "$(internal/oracles/install.sh runtimes)" experiments/speed/int8.py FLOAT.onnx INT8.onnx

Prints for each shape and side the median of its turns in milliseconds, the least, and the median ratio of float32 to int8
in the same runtime and round, with its range. Inputs are random pieces, nothing padded. Nothing else may run meanwhile.
"""
import argparse
import statistics
import time

import numpy as np
import onnxruntime as ort
import openvino as ov

parser = argparse.ArgumentParser()
parser.add_argument("float32")
parser.add_argument("int8")
parser.add_argument("--shapes", default="1x32,1x128,8x128,32x64")
parser.add_argument("--rounds", type=int, default=15)
parser.add_argument("--threads", type=int, default=1)
asked = parser.parse_args()


def in_runtime(file):
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = asked.threads, 3
    session = ort.InferenceSession(file, options)
    names = [i.name for i in session.get_inputs()]
    return lambda feed: session.run(None, {name: feed[name] for name in names})


def in_openvino(hint):
    def compiled(file):
        settings = {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": asked.threads, "PERFORMANCE_HINT": "LATENCY"}
        model = ov.Core().compile_model(file, "CPU", settings)
        request, names = model.create_infer_request(), [i.get_any_name() for i in model.inputs]
        return lambda feed: request.infer({name: feed[name] for name in names})
    return compiled


runtimes = {"ONNX Runtime": in_runtime, "OpenVINO f32": in_openvino("f32"), "OpenVINO bf16": in_openvino("bf16")}
sides = {(name, file): opened(getattr(asked, file)) for name, opened in runtimes.items() for file in ("float32", "int8")}


def milliseconds(run, feed):
    run(feed)
    start = time.perf_counter()
    run(feed)
    return 1e3 * (time.perf_counter() - start)


for shape in asked.shapes.split(","):
    size = tuple(map(int, shape.split("x")))
    feed = {"input_ids": np.random.default_rng(0).integers(1000, 20000, size), "attention_mask": np.ones(size, np.int64), "token_type_ids": np.zeros(size, np.int64)}
    took = {side: [] for side in sides}
    for _ in range(asked.rounds):
        for side, run in sides.items():
            took[side].append(milliseconds(run, feed))
    for (name, file), times in took.items():
        ratios = sorted(a / b for a, b in zip(took[name, "float32"], times))
        print(f"{shape:7s} {name:14s} {file:8s} {statistics.median(times):8.1f} ms, least {min(times):8.1f}, float32/this {statistics.median(ratios):5.2f} [{ratios[0]:.2f}–{ratios[-1]:.2f}]", flush=True)
