"""ONNX Runtime or OpenVINO behind an HTTP server, as main.go starts it: a job in the first line on
stdin, {"program": name, "file": ONNX, "int8": bool, "calibration": texts, "tokenizer": file,
"max_length": n, "labels": [...], "threads": n, "batch": n}; the answer has the address and versions.
POST /predict {"inputs": text} gives the scores of the labels, the highest first. It ends with stdin.

What is read from connections in one turn of the event loop passes together, up to batch texts,
padded to the longest."""
import asyncio
import json
import os
import platform
import sys
import threading
import warnings

warnings.filterwarnings("ignore")
answers = os.fdopen(os.dup(1), "w")  # what libraries print goes to stderr
os.dup2(2, 1)

import httptools
import numpy as np
import orjson
import tokenizers
import uvicorn
import uvloop

job = json.loads(sys.stdin.readline())
tokenizer = tokenizers.Tokenizer.from_file(job["tokenizer"])
tokenizer.enable_truncation(job["max_length"])
tokenizer.enable_padding()


def encode(texts):
    e = tokenizer.encode_batch(texts) if len(texts) > 1 else [tokenizer.encode(texts[0])]
    as_array = lambda rows: np.array(rows, dtype=np.int64)
    return {"input_ids": as_array([x.ids for x in e]), "attention_mask": as_array([x.attention_mask for x in e]),
            "token_type_ids": as_array([x.type_ids for x in e])}


class ORT:
    def __init__(self, path):
        import onnxruntime as ort
        self.version = "ONNX Runtime " + ort.__version__
        if job["int8"]:
            if not os.path.exists(path + ".int8"):
                from onnxruntime.quantization import QuantType, quantize_dynamic
                quantize_dynamic(path, path + ".int8", weight_type=QuantType.QInt8, per_channel=True)
            path += ".int8"
        o = ort.SessionOptions()
        o.intra_op_num_threads, o.inter_op_num_threads = job["threads"], 1
        self.session = ort.InferenceSession(path, o, providers=["CPUExecutionProvider"])
        self.names = [i.name for i in self.session.get_inputs()]

    def run(self, texts):
        feed = encode(texts)
        return self.session.run(["logits"], {n: feed[n] for n in self.names})[0]


class OpenVINO:
    def __init__(self, path):
        import openvino as ov
        self.version = "OpenVINO " + ov.__version__.split("-")[0]
        core = ov.Core()
        if job["int8"]:
            if not os.path.exists(path + ".int8.bin"):
                self.quantize(core.read_model(path), path + ".int8.xml")
            path += ".int8.xml"
        model = core.read_model(path)
        self.names = [i.get_any_name() for i in model.inputs]
        options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": job["threads"], "PERFORMANCE_HINT": "LATENCY"}
        self.request = core.compile_model(model, "CPU", options).create_infer_request()

    @staticmethod
    def quantize(model, to):
        import nncf
        import openvino as ov
        nncf.set_log_level("ERROR")
        names = [i.get_any_name() for i in model.inputs]
        samples = [{n: v for n, v in encode([t]).items() if n in names} for t in job["calibration"]]
        small = nncf.quantize(model, nncf.Dataset(samples), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(samples))
        ov.save_model(small, to, compress_to_fp16=False)

    def run(self, texts):
        feed = encode(texts)
        return self.request.infer({n: feed[n] for n in self.names})[0]


class Server:
    def __init__(self, side):
        self.side, self.waiting, self.scheduled = side, [], False

    async def __call__(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        try:
            code, said = 200, await self.predict(orjson.loads(body)["inputs"])
        except Exception as e:
            code, said = 500, {"error": f"{type(e).__name__}: {e}"}
        text = orjson.dumps(said)
        await send({"type": "http.response.start", "status": code,
                    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(text)).encode())]})
        await send({"type": "http.response.body", "body": text})

    def predict(self, text):
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        self.waiting.append((text, answer))
        if not self.scheduled:
            self.scheduled = True
            loop.call_soon(self.work, loop)
        return answer

    def work(self, loop):
        batch, self.waiting = self.waiting[:job["batch"]], self.waiting[job["batch"]:]
        try:
            for (_, answer), logits in zip(batch, self.side.run([text for text, _ in batch])):
                answer.set_result(scores(logits))
        except Exception as e:
            for _, answer in batch:
                answer.set_exception(e)
        self.scheduled = len(self.waiting) > 0
        if self.scheduled:
            loop.call_soon(self.work, loop)


def scores(logits):
    e = np.exp(logits - logits.max())
    list_ = [{"score": float(p), "label": label} for p, label in zip(e / e.sum(), job["labels"])]
    return sorted(list_, key=lambda s: -s["score"])


async def main():
    side = {"ONNX Runtime": ORT, "OpenVINO": OpenVINO}[job["program"]](job["file"])
    config = uvicorn.Config(Server(side), host="127.0.0.1", port=0, http="httptools", lifespan="off", log_level="error", access_log=False)
    server, socket = uvicorn.Server(config), config.bind_socket()
    serving = asyncio.create_task(server.serve(sockets=[socket]))
    while not server.started:
        await asyncio.sleep(0.01)
    versions = (f"{side.version}, tokenizers {tokenizers.__version__}, uvicorn {uvicorn.__version__} "
                f"(uvloop {uvloop.__version__}, httptools {httptools.__version__}), Python {platform.python_version()}")
    print(json.dumps({"url": f"http://127.0.0.1:{socket.getsockname()[1]}/predict", "version": versions}), file=answers, flush=True)

    def end():
        sys.stdin.read()
        server.should_exit = True
    threading.Thread(target=end, daemon=True).start()
    await serving


uvloop.run(main())
