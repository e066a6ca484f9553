"""Runs ONNX files in ONNX Runtime and OpenVINO, and fastText (lines.py has the protocol).

A job of "load" names a side (below), the ONNX file and the cores, and what is to be run: "ids", sequences of one
length, or "task", a file that holds texts (task.json of texts.go), which are tokenised on the way. "one" of a task is
text by text; what else may be done, in batches of like length or one text on every core, is tried.
"""
import functools
import json
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import lines

warnings.filterwarnings("ignore")


def feed_of(ids):
    ids = np.array(ids, dtype=np.int64)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}


class ONNXRuntime:
    """A file with all cores for a request, or requests on every core; in its own int8 where that is asked for."""

    def __init__(self, file, precision, cores, samples):
        import onnxruntime
        if precision == "int8":
            from onnxruntime.quantization import QuantType, quantize_dynamic
            small = file + ".dynamic"
            if not os.path.exists(small):
                quantize_dynamic(file, small, weight_type=QuantType.QInt8, per_channel=True)
            file = small
        self.file, self.cores = file, cores
        self.version, self.bytes = f"ONNX Runtime {onnxruntime.__version__}", os.path.getsize(file)

    def session(self, cores):
        import onnxruntime
        o = onnxruntime.SessionOptions()
        o.intra_op_num_threads, o.inter_op_num_threads, o.log_severity_level = cores, 1, 3
        return onnxruntime.InferenceSession(self.file, o, providers=["CPUExecutionProvider"])

    @functools.cached_property
    def whole(self):
        return self.session(self.cores)

    @functools.cached_property
    def single(self):
        return self.session(1)

    def run(self, feed, session=None):
        session = session or self.whole
        return session.run(["logits"], {i.name: feed[i.name] for i in session.get_inputs()})[0]

    def streams(self, items, feed):
        """The logits of each of items, as many requests at once as there are cores."""
        with ThreadPoolExecutor(self.cores) as pool:
            return list(pool.map(lambda item: self.run(feed(item), self.single), items))


class OpenVINO:
    """A file for the latency of a request with all cores, or in as many streams as cores; int8 is that of NNCF."""

    def __init__(self, file, precision, cores, samples):
        import openvino
        self.openvino, self.cores, self.version = openvino, cores, f"OpenVINO {openvino.__version__.split('-')[0]}"
        quantised, _, hint = precision.rpartition(" ")
        if quantised:
            file = self.quantise(file, samples)
        self.model, self.hint = openvino.Core().read_model(file), hint
        self.bytes = os.path.getsize(file.removesuffix(".xml") + ".bin" if quantised else file)
        self.names = [i.get_any_name() for i in self.model.inputs]

    def quantise(self, file, samples):
        """Writes the file of NNCF's post-training quantisation, SmoothQuant and all, if it is not there."""
        import nncf
        self.version += f", NNCF {nncf.__version__}"
        small = file + ".nncf.xml"
        if not os.path.exists(small):
            nncf.set_log_level("ERROR")
            model = self.openvino.Core().read_model(file)
            names = [i.get_any_name() for i in model.inputs]
            seen = [{n: s[n] for n in names} for s in samples()]
            model = nncf.quantize(model, nncf.Dataset(seen), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(seen))
            self.openvino.save_model(model, small, compress_to_fp16=False)
        return small

    def compiled(self, hint, **more):
        settings = {"INFERENCE_PRECISION_HINT": self.hint, "INFERENCE_NUM_THREADS": self.cores, "PERFORMANCE_HINT": hint}
        return self.openvino.Core().compile_model(self.model, "CPU", {**settings, **more})

    @functools.cached_property
    def request(self):
        return self.compiled("LATENCY").create_infer_request()

    @functools.cached_property
    def queue(self):
        return self.openvino.AsyncInferQueue(self.compiled("THROUGHPUT", NUM_STREAMS=self.cores), self.cores)

    def run(self, feed):
        return self.request.infer({n: feed[n] for n in self.names})[0].copy()

    def streams(self, items, feed):
        out = [None] * len(items)
        self.queue.set_callback(lambda request, i: out.__setitem__(i, request.get_output_tensor(0).data.copy()))
        for i, item in enumerate(items):
            fed = feed(item)
            self.queue.start_async({n: fed[n] for n in self.names}, i)
        self.queue.wait_all()
        return out


class FastText:
    """fastText's classifier, of the settings that are best on the rows that choose. It reads texts."""

    def __init__(self, file, precision, cores, samples):
        import fasttext
        task, folder = json.loads(Path(file).read_text()), os.path.dirname(file)
        self.version, self.classes, best = "fastText", task["classes"], -1
        learn, choose = (self.write(task, name, f"{folder}/{name}.txt") for name in ("learn", "choose"))
        for grams in (1, 2, 3):
            for rate in (0.1, 0.5, 1.0):
                for epochs in (5, 25):
                    model = fasttext.train_supervised(learn, lr=rate, epoch=epochs, wordNgrams=grams, dim=50, thread=1, seed=1, verbose=0, minCount=1)
                    right = model.test(choose)[1]
                    if right > best:
                        best, self.model = right, model
        self.model.save_model(folder + "/fasttext.bin")
        self.bytes = os.path.getsize(folder + "/fasttext.bin")

    @staticmethod
    def line(text):
        return " ".join(filter(None, text)).lower().replace("\n", " ")

    def write(self, task, name, path):
        rows = zip(task[name], task[name + "_labels"])
        Path(path).write_text("".join(f"__label__{label} {self.line(text)}\n" for text, label in rows))
        return path

    def run(self, some):
        labels, _ = self.model.predict([self.line(t) for t in some])
        out = np.zeros((len(some), self.classes), np.float32)
        for row, (label,) in enumerate(labels):  # the likeliest; its probability cannot be relied on
            out[row, int(label[len("__label__"):])] = 1
        return out


class Sequences:
    """Sequences of one length, nothing padded."""

    def __init__(self, ids):
        self.ids, self.feed = ids, feed_of(ids)

    @staticmethod
    def samples():
        return [feed_of(row) for row in np.random.default_rng(0).integers(1000, 20000, (16, 1, 64))]

    def ways(self, side):
        ways = {"one request": lambda: side.run(self.feed)}
        if side.cores > 1 and len(self.ids) >= side.cores:
            parts = np.array_split(np.array(self.ids), side.cores)
            ways["streams"] = lambda: np.concatenate(side.streams(parts, feed_of))
        return ways


class Texts:
    """The texts of a task, (first, second or None) each."""

    def __init__(self, file):
        from tokenizers import Tokenizer
        task = json.loads(Path(file).read_text())
        self.texts, self.calibration, self.batch = task["texts"], task["calibration"], task["batch"]
        self.tokenizer = Tokenizer.from_file(task["tokenizer"])
        self.tokenizer.enable_truncation(task["max_length"])
        self.tokenizer.enable_padding()
        lengths = [len(" ".join(filter(None, t))) for t in self.texts]
        self.by_length = sorted(range(len(self.texts)), key=lengths.__getitem__)

    def encode(self, some):
        rows = self.tokenizer.encode_batch([t[0] if t[1] is None else (t[0], t[1]) for t in some])
        as_array = lambda name: np.array([getattr(r, name) for r in rows], dtype=np.int64)
        return {"input_ids": as_array("ids"), "attention_mask": as_array("attention_mask"), "token_type_ids": as_array("type_ids")}

    def samples(self):
        return [self.encode([t]) for t in self.calibration]

    def singly(self, side, feed):
        return np.concatenate([side.run(feed([t])) for t in self.texts])

    def batches(self, side, feed):
        out = [None] * len(self.texts)
        for at in range(0, len(self.texts), self.batch):
            part = self.by_length[at:at + self.batch]
            for i, row in zip(part, side.run(feed([self.texts[i] for i in part]))):
                out[i] = row
        return np.array(out)

    def ways(self, side, one):
        feed = (lambda some: some) if isinstance(side, FastText) else self.encode
        if one:
            return {"one by one": lambda: self.singly(side, feed)}
        if isinstance(side, FastText):
            return {"all at once": lambda: side.run(self.texts)}
        return {"batches of like length": lambda: self.batches(side, feed),
                "one by one on every core": lambda: np.concatenate(side.streams([[t] for t in self.texts], feed))}


kinds = {"onnxruntime": ONNXRuntime, "openvino": OpenVINO, "fasttext": FastText}


@functools.cache
def texts_of(task):
    return Texts(task)


@functools.cache
def side_of(kind, file, precision, cores, task):
    return kinds[kind](file, precision, cores, texts_of(task).samples if task else Sequences.samples)


def load(job):
    task = job.get("task")
    side = side_of(job["side"], job["file"], job["precision"], job["cores"], task)
    ways = texts_of(task).ways(side, job["one"]) if task else Sequences(job["ids"]).ways(side)
    return ways, side.version, side.bytes


if __name__ == "__main__":
    lines.serve(load, side_of.cache_clear)
