"""Runs ONNX Runtime, OpenVINO and fastText over the texts of a task, as main.go asks in lines of JSON."""
import json
import os
import sys
import threading
import time
import warnings

warnings.filterwarnings("ignore")
import numpy as np
from tokenizers import Tokenizer

answers = os.fdopen(os.dup(1), "w")  # what libraries print goes to stderr
os.dup2(2, 1)

# TASK.json has the texts (a list of [first, second or null] each) to be answered, those that
# quantisation and fastText may look at, the tokenizer's file, the length and the threads.
task = json.load(open(sys.argv[1]))
texts, threads, folder = task["texts"], task["threads"], os.path.dirname(sys.argv[1])
tokenizer = Tokenizer.from_file(task["tokenizer"])
tokenizer.enable_truncation(task["max_length"])
tokenizer.enable_padding()
lengths = [len(" ".join(filter(None, t))) for t in texts]
by_length = sorted(range(len(texts)), key=lambda i: lengths[i])


def encode(some):
    e = tokenizer.encode_batch([t[0] if t[1] is None else (t[0], t[1]) for t in some])
    as_array = lambda rows: np.array(rows, dtype=np.int64)
    return {"input_ids": as_array([x.ids for x in e]), "attention_mask": as_array([x.attention_mask for x in e]),
            "token_type_ids": as_array([x.type_ids for x in e])}


class ORT:
    """A file in ONNX Runtime: one session with all threads, and one per core with one."""

    def __init__(self, path, int8):
        import onnxruntime as ort
        if int8:
            from onnxruntime.quantization import QuantType, quantize_dynamic
            quantize_dynamic(path, path + ".int8", weight_type=QuantType.QInt8, per_channel=True)
            path += ".int8"
        self.bytes = os.path.getsize(path)

        def session(n):
            o = ort.SessionOptions()
            o.intra_op_num_threads, o.inter_op_num_threads = n, 1
            return ort.InferenceSession(path, o, providers=["CPUExecutionProvider"])
        self.whole, self.single = session(threads), session(1)
        self.names = [i.name for i in self.whole.get_inputs()]

    def run(self, some, session=None):
        feed = encode(some)
        return (session or self.whole).run(["logits"], {n: feed[n] for n in self.names})[0]

    def streams(self):
        out = [None] * len(texts)

        def work(k):
            for i in range(k, len(texts), threads):
                out[i] = self.run([texts[i]], self.single)[0]
        workers = [threading.Thread(target=work, args=(k,)) for k in range(threads)]
        [w.start() for w in workers]
        [w.join() for w in workers]
        return np.array(out)


class OpenVINO:
    """A file in OpenVINO: for the latency of one request, and for throughput in as many streams as cores."""

    def __init__(self, path, int8, hint):
        import openvino as ov
        model = ov.Core().read_model(path)
        names = [i.get_any_name() for i in model.inputs]
        self.bytes = os.path.getsize(path)
        if int8:
            import nncf
            nncf.set_log_level("ERROR")
            samples = [{n: v for n, v in encode([t]).items() if n in names} for t in task["calibration"]]
            model = nncf.quantize(model, nncf.Dataset(samples), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(samples))
            ov.save_model(model, path + ".int8.xml", compress_to_fp16=False)
            self.bytes = os.path.getsize(path + ".int8.bin")
        options = {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": threads}
        whole = ov.Core().compile_model(model, "CPU", {**options, "PERFORMANCE_HINT": "LATENCY"})
        self.request = whole.create_infer_request()
        self.queue = ov.AsyncInferQueue(ov.Core().compile_model(model, "CPU", {**options, "PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": threads}), threads)
        self.names = names

    def run(self, some):
        feed = encode(some)
        return self.request.infer({n: feed[n] for n in self.names})[0].copy()

    def streams(self):
        out = [None] * len(texts)
        self.queue.set_callback(lambda request, i: out.__setitem__(i, request.get_output_tensor(0).data[0].copy()))
        for i, t in enumerate(texts):
            feed = encode([t])
            self.queue.start_async({n: feed[n] for n in self.names}, i)
        self.queue.wait_all()
        return np.array(out)


class FastText:
    """fastText's classifier, of the settings that are best on the rows that choose."""

    def __init__(self):
        import fasttext
        best = -1
        for grams in (1, 2, 3):
            for rate in (0.1, 0.5, 1.0):
                for epochs in (5, 25):
                    model = fasttext.train_supervised(self.file("learn"), lr=rate, epoch=epochs, wordNgrams=grams, dim=50, thread=1, seed=1, verbose=0, minCount=1)
                    right = model.test(self.file("choose"))[1]
                    if right > best:
                        best, self.model = right, model
        self.model.save_model(folder + "/fasttext.bin")
        self.bytes = os.path.getsize(folder + "/fasttext.bin")

    @staticmethod
    def line(text):
        return " ".join(filter(None, text)).lower().replace("\n", " ")

    def file(self, name):
        path = f"{folder}/{name}.txt"
        with open(path, "w") as f:
            for text, label in zip(task[name], task[name + "_labels"]):
                f.write(f"__label__{label} {self.line(text)}\n")
        return path

    def run(self, some):
        labels, _ = self.model.predict([self.line(t) for t in some])
        out = np.zeros((len(some), task["classes"]), np.float32)
        for row, (label,) in enumerate(labels):  # the likeliest; its probability cannot be relied on
            out[row, int(label[len("__label__"):])] = 1
        return out

    def streams(self):
        return self.run(texts)


sides = {
    "onnxruntime float32": lambda path: ORT(path, False), "onnxruntime int8": lambda path: ORT(path, True),
    "openvino float32": lambda path: OpenVINO(path, False, "f32"), "openvino bfloat16": lambda path: OpenVINO(path, False, "bf16"),
    "openvino int8": lambda path: OpenVINO(path, True, "f32"), "openvino int8, bfloat16": lambda path: OpenVINO(path, True, "bf16"),
    "fasttext": lambda path: FastText(),
}


def singly(side):
    return np.concatenate([side.run([t]) for t in texts])


def batches(side):
    out = [None] * len(texts)
    for at in range(0, len(texts), task["batch"]):
        part = by_length[at:at + task["batch"]]
        for i, row in zip(part, side.run([texts[i] for i in part])):
            out[i] = row
    return np.array(out)


def timed(way, side):
    begin = time.perf_counter()
    logits = way(side)
    return time.perf_counter() - begin, logits


loaded = {}
for line in sys.stdin:
    job = json.loads(line)
    try:
        if job["do"] == "load":
            loaded[job["name"]] = side = sides[job["side"]](job.get("file"))
            answer = {"bytes": side.bytes}
        elif job["do"] == "singly":
            seconds, logits = timed(singly, loaded[job["name"]])
            answer = {"seconds": seconds, "logits": logits.tolist()}
        else:  # all of them: in batches of like length, or one by one on every core, whichever is faster
            side = loaded[job["name"]]
            (seconds, logits), (other, also) = timed(batches, side), timed(lambda s: s.streams(), side)
            answer = {"seconds": min(seconds, other), "logits": (logits if seconds < other else also).tolist()}
    except Exception as e:  # of a model that a peer cannot run: the others go on
        answer = {"error": f"{type(e).__name__}: {str(e)[:300]}"}
    print(json.dumps(answer), file=answers, flush=True)
