"""What ONNX Runtime and OpenVINO make of exported int8 models, and whether they multiply bytes.

Reads {"models": [{"file": FILE, "batches": [{"input_ids": [...], ...}, ...]}, ...], "folder": DIR} from standard input and
prints for each model, as JSON, the logits of each batch by runtime, how many products of bytes the file has, and how many
each runtime computes so.
"""
import json
import logging
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import openvino as ov

logging.disable(logging.WARNING)
asked = json.load(sys.stdin)
optimised, core = Path(asked["folder"]) / "optimised.onnx", ov.Core()


def in_runtime(file):
    """A session, and how many of its operators multiply bytes."""
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level, options.optimized_model_filepath = 1, 3, str(optimised)
    session = ort.InferenceSession(file, options)
    return session, sum(node.op_type == "MatMulIntegerToFloat" for node in onnx.load(optimised).graph.node)


def in_openvino(file):
    model = core.compile_model(file, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    said = [node.get_rt_info() for node in model.get_runtime_model().get_ordered_ops()]
    layers = [(info["layerType"].astype(str), info["runtimePrecision"].astype(str)) for info in said]
    return model, sum(kind == "FullyConnected" and precision in ("u8", "i8") for kind, precision in layers)


def products(file):
    made = {output: node for node in onnx.load(file).graph.node for output in node.output}
    return sum(node.op_type == "MatMul" and getattr(made.get(node.input[1]), "op_type", "") == "DequantizeLinear" for node in made.values())


def look(model):
    onnx.checker.check_model(model["file"], full_check=True)
    session, in_ort = in_runtime(model["file"])
    compiled, in_ov = in_openvino(model["file"])
    named = {i.name for i in session.get_inputs()}
    batches = [{name: np.array(rows, np.int64) for name, rows in batch.items() if name in named} for batch in model["batches"]]
    logits = {
        "ONNX Runtime": [session.run(["logits"], feed)[0].flatten().tolist() for feed in batches],
        "OpenVINO": [compiled(feed)[0].flatten().tolist() for feed in batches],
    }
    return {"logits": logits, "bytes": {"file": products(model["file"]), "ONNX Runtime": in_ort, "OpenVINO": in_ov}}


print(json.dumps([look(model) for model in asked["models"]]))
