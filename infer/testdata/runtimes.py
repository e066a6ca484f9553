"""What ONNX Runtime and OpenVINO make of exported models, and whether tools can work on them.

Reads {"models": [{"file": FILE, "batches": [{"input_ids": [...], ...}, ...]}, ...], "opsets": [...], "folder": DIR} from
standard input and prints for each model, as JSON, the logits of each batch by runtime, those of ONNX Runtime with the file
as one of each of opsets, those after quant_pre_process, and how far those after quantize_dynamic are away in the mean.
"""
import json
import logging
import os
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import openvino as ov
from onnxruntime.quantization import quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

logging.disable(logging.WARNING)
asked = json.load(sys.stdin)
folder, core = Path(asked["folder"]), ov.Core()
os.chdir(folder)  # where quant_pre_process leaves files
options = ort.SessionOptions()
options.intra_op_num_threads, options.log_severity_level = 1, 3


def in_runtime(file, batches):
    session = ort.InferenceSession(str(file), options)
    return [session.run(["logits"], feed)[0].flatten().tolist() for feed in batches]


def in_openvino(file, batches):
    model = core.compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return [model(feed)[0].flatten().tolist() for feed in batches]


def as_opset(file, opset):
    """The same graph under a later version of the operators."""
    model = onnx.load(file)
    model.opset_import[0].version = opset
    onnx.checker.check_model(model, full_check=True)
    path = folder / f"{opset}.onnx"
    onnx.save(model, path)
    return path


def look(model):
    file = model["file"]
    named = {i.name for i in ort.InferenceSession(file, options).get_inputs()}
    batches = [{name: np.array(rows, np.int64) for name, rows in batch.items() if name in named} for batch in model["batches"]]
    right = in_runtime(file, batches)
    said = {"ONNX Runtime": right, "OpenVINO": in_openvino(file, batches)}
    for opset in asked["opsets"]:
        said[f"opset {opset}"] = in_runtime(as_opset(file, opset), batches)
    quant_pre_process(file, str(folder / "pre.onnx"))
    said["quant_pre_process"] = in_runtime(folder / "pre.onnx", batches)
    quantize_dynamic(str(folder / "pre.onnx"), str(folder / "int8.onnx"))
    int8 = in_runtime(folder / "int8.onnx", batches)
    quantize_dynamic(file, str(folder / "int8.onnx"))
    plain = in_runtime(folder / "int8.onnx", batches)
    away = [abs(a - b) for way in (int8, plain) for one, two in zip(way, right) for a, b in zip(one, two)]
    return {"logits": said, "int8": float(np.mean(away))}


print(json.dumps([look(model) for model in asked["models"]]))
