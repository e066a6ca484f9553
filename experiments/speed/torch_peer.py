#!/usr/bin/env python3
"""PyTorch's side of `go run ./experiments/speed`, which starts it and documents the protocol (serve.go).

The first line on stdin is a job, every other one {"runs": n} or {"export": path}; each has its answer
on stdout. BERT is written as plain functions of its weights, for eager PyTorch at its fastest: fused
Q, K, V, early gather in hard extraction, AdamW without foreach. b sequences, n word-vectors, h wide,
a heads.
"""
import contextlib
import json
import math
import signal
import struct
import sys
import time
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F


def tensors(path):
    """The tensors of a safetensors file in float32, by name, each read into memory of its own."""
    with open(path, "rb") as f:
        size, = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(size))
        header.pop("__metadata__", None)
        for name, t in header.items():
            out = torch.empty(t["shape"])
            f.seek(8 + size + t["data_offsets"][0])
            f.readinto(memoryview(out.numpy()).cast("B"))
            yield name, out


def significant(sig, keep):
    """[CLS] and the keep−1 other word-vectors with the largest scores; their order does not matter."""
    top = torch.topk(sig[:, 1:], keep - 1, sorted=False).indices + 1
    return torch.cat([torch.zeros_like(sig[:, :1], dtype=torch.long), top], 1)    # (b, keep)


class Bert(nn.Module):
    def __init__(self, job):
        super().__init__()
        folder = Path(job["model"])
        config = json.loads((folder / "config.json").read_text())
        self.heads, self.layers = config["num_attention_heads"], config["num_hidden_layers"]
        self.width, self.eps, self.keep = config["hidden_size"], config["layer_norm_eps"], job["keep"]
        self.weights = dict(tensors(folder / "model.safetensors"))
        for j in range(self.layers):
            for kind in "weight", "bias":
                parts = [f"bert.encoder.layer.{j}.attention.self.{part}.{kind}" for part in ("query", "key", "value")]
                self.weights[f"bert.encoder.layer.{j}.qkv.{kind}"] = torch.cat([self.weights.pop(p) for p in parts])
        for name in list(self.weights):
            self.weights[name] = nn.Parameter(self.weights[name], requires_grad=job["train"])
            self.register_parameter(name.replace(".", "_"), self.weights[name])
        self.r = nn.Parameter(torch.ones(self.layers, len(job["ids"][0]))) if job["soft"] else None

    def linear(self, x, name):
        return F.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def norm(self, x, name):
        return F.layer_norm(x, (self.width,), self.weights[name + ".weight"], self.weights[name + ".bias"], self.eps)

    def encoder(self, x, j):
        b, n, h, a = x.shape[0], int(x.shape[1]), self.width, self.heads    # only b varies in an exported model
        name = f"bert.encoder.layer.{j}."
        q, k, v = self.linear(x, name + "qkv").view(b, n, 3, a, h // a).permute(2, 0, 3, 1, 4).unbind()    # (b, a, n, h/a)
        probs = torch.softmax((q * (1 / math.sqrt(h // a))) @ k.transpose(-1, -2), -1)    # (b, a, n, n)
        if self.keep and self.keep[j] < n:
            m = self.keep[j]
            top = significant(probs.detach().sum((1, 2)), m)
            rows = (top + n * torch.arange(b)[:, None]).reshape(-1)
            queries = (top[:, None] + n * torch.arange(b * a).view(b, a, 1)).reshape(-1)
            x = x.view(b * n, h).index_select(0, rows).view(b, m, h)
            probs = probs.view(b * a * n, n).index_select(0, queries).view(b, a, m, n)
        context = (probs @ v).transpose(1, 2).reshape(b, -1, h)
        y = self.norm(x + self.linear(context, name + "attention.output.dense"), name + "attention.output.LayerNorm")
        if self.r is not None:
            rank = probs.detach().sum((1, 2)).argsort(1, descending=True).argsort(1)    # (b, n)
            y = y * self.r[j][rank][..., None]
        z = self.linear(F.gelu(self.linear(y, name + "intermediate.dense")), name + "output.dense")
        return self.norm(y + z, name + "output.LayerNorm")

    def forward(self, ids):
        embedding = "bert.embeddings."
        fixed = self.weights[embedding + "position_embeddings.weight"][:ids.shape[1]] + self.weights[embedding + "token_type_embeddings.weight"][0]
        x = self.norm(F.embedding(ids, self.weights[embedding + "word_embeddings.weight"]) + fixed, embedding + "LayerNorm")
        for j in range(self.layers):
            x = self.encoder(x, j)
        return self.linear(torch.tanh(self.linear(x[:, 0], "bert.pooler.dense")), "classifier")


def trainer(bert, ids, labels, job):
    """A function that makes a step of AdamW and returns the objective before it."""
    decayed, spared = [], [] if bert.r is None else [bert.r]
    for name, p in bert.weights.items():
        (spared if name.endswith(".bias") or "LayerNorm" in name else decayed).append(p)
    optimiser = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.01}, {"params": spared, "weight_decay": 0}],
                                  lr=job["lr"], foreach=False)
    numbers = torch.arange(1, bert.layers + 1)[:, None]

    def step():
        optimiser.zero_grad(set_to_none=True)
        objective = F.cross_entropy(bert(ids), labels)
        if bert.r is not None:
            objective = objective + job["lambda"] * (numbers * bert.r).sum()
        objective.backward()
        optimiser.step()
        if bert.r is not None:
            bert.r.data.clamp_(0, 1)
        return objective.detach()
    return step


def export(bert, ids, path):
    """Writes ONNX for any number of sequences of this length."""
    with contextlib.redirect_stdout(sys.stderr):
        torch.onnx.export(bert, (ids,), path, opset_version=14, input_names=["ids"], output_names=["logits"],
                          dynamic_axes={"ids": {0: "b"}, "logits": {0: "b"}})


def answer(**fields):
    print(json.dumps(fields), flush=True)


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)    # it ends with the program that asks
    job = json.loads(sys.stdin.readline())
    torch.set_num_threads(job["cores"])
    torch.set_grad_enabled(job["train"])
    bert = Bert(job)
    ids, labels = torch.tensor(job["ids"]), torch.tensor(job["labels"])
    run = trainer(bert, ids, labels, job) if job["train"] else lambda: bert(ids)
    answer(version=f"PyTorch {torch.__version__}, eager, OpenBLAS with OpenMP, tcmalloc")
    for line in sys.stdin:
        request = json.loads(line)
        if "export" in request:
            export(bert, ids, request["export"])
            answer()
            continue
        start = time.perf_counter()
        for _ in range(request["runs"]):
            outputs = run()
        answer(seconds=(time.perf_counter() - start) / request["runs"], outputs=outputs.reshape(-1).tolist())


if __name__ == "__main__":
    main()
