#!/usr/bin/env python3
"""PyTorch's side of `go run ./experiments/speed`, which starts it and documents the job (cases.go).

BERT is written as plain functions of its weights, for PyTorch at its fastest: fused Q, K, V, fused attention where
nothing is eliminated, early gather in hard extraction, AdamW without foreach; forward passes also with the weights
packed once by oneDNN. b sequences, n word-vectors, h wide, a heads.
"""
import copy
import json
import math
import struct
import sys
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).parent.parent / "peer"))
import lines


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
        folder = Path(job["file"])
        config = json.loads((folder / "config.json").read_text())
        self.heads, self.layers = config["num_attention_heads"], config["num_hidden_layers"]
        self.width, self.eps, self.keep = config["hidden_size"], config["layer_norm_eps"], job["keep"]
        self.weights = dict(tensors(folder / "model.safetensors"))
        for j in range(self.layers):
            for kind in "weight", "bias":
                parts = [f"bert.encoder.layer.{j}.attention.self.{part}.{kind}" for part in ("query", "key", "value")]
                self.weights[f"bert.encoder.layer.{j}.qkv.{kind}"] = torch.cat([self.weights.pop(p) for p in parts])
        for name in list(self.weights):
            self.weights[name] = nn.Parameter(self.weights[name])
            self.register_parameter(name.replace(".", "_"), self.weights[name])
        self.r = nn.Parameter(torch.ones(self.layers, len(job["ids"][0]))) if job["soft"] else None
        self.packed = {}

    def pack(self, rows, dtype):
        """Has oneDNN lay the weights of linear layers out, for inputs of so many rows."""
        for name, w in self.weights.items():
            if w.dim() == 2 and "embeddings" not in name:
                bias = self.weights[name.removesuffix("weight") + "bias"].detach()
                self.packed[name.removesuffix(".weight")] = torch.ops.mkldnn._reorder_linear_weight(w.detach().to(dtype), rows), bias.to(dtype)
        self.dtype = dtype

    def linear(self, x, name):
        if self.packed:
            weight, bias = self.packed[name]
            return torch.ops.mkldnn._linear_pointwise(x.to(self.dtype), weight, bias, "none", [], "")
        return F.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def norm(self, x, name):
        return F.layer_norm(x.float(), (self.width,), self.weights[name + ".weight"], self.weights[name + ".bias"], self.eps)

    def encoder(self, x, j):
        b, n, h, a = x.shape[0], x.shape[1], self.width, self.heads
        name = f"bert.encoder.layer.{j}."
        q, k, v = self.linear(x, name + "qkv").view(b, n, 3, a, h // a).permute(2, 0, 3, 1, 4).unbind()    # (b, a, n, h/a)
        if self.r is None and not self.keep:
            context = F.scaled_dot_product_attention(q, k, v)
        else:
            probs = torch.softmax((q * (1 / math.sqrt(h // a))) @ k.transpose(-1, -2), -1, dtype=torch.float32)    # (b, a, n, n)
            x, kept = self.gathered(x, probs, j)
            context = kept.to(v.dtype) @ v
        context = context.transpose(1, 2).reshape(b, -1, h)
        y = self.norm(x + self.linear(context, name + "attention.output.dense"), name + "attention.output.LayerNorm")
        if self.r is not None:
            rank = probs.detach().sum((1, 2)).argsort(1, descending=True).argsort(1)    # (b, n)
            y = y * self.r[j][rank][..., None]
        z = self.linear(F.gelu(self.linear(y, name + "intermediate.dense")), name + "output.dense")
        return self.norm(y + z, name + "output.LayerNorm")

    def gathered(self, x, probs, j):
        """What hard extraction leaves of word-vectors and of the queries of their attention."""
        (b, a, n, _), h = probs.shape, self.width
        if not self.keep or self.keep[j] >= n:
            return x, probs
        m = self.keep[j]
        top = significant(probs.detach().sum((1, 2)), m)
        rows = (top + n * torch.arange(b)[:, None]).reshape(-1)
        queries = (top[:, None] + n * torch.arange(b * a).view(b, a, 1)).reshape(-1)
        x = x.reshape(b * n, h).index_select(0, rows).view(b, m, h)
        return x, probs.reshape(b * a * n, n).index_select(0, queries).view(b, a, m, n)

    def forward(self, ids):
        embedding = "bert.embeddings."
        fixed = self.weights[embedding + "position_embeddings.weight"][:ids.shape[1]] + self.weights[embedding + "token_type_embeddings.weight"][0]
        x = self.norm(F.embedding(ids, self.weights[embedding + "word_embeddings.weight"]) + fixed, embedding + "LayerNorm")
        for j in range(self.layers):
            x = self.encoder(x, j)
        return self.linear(torch.tanh(self.linear(x[:, 0], "bert.pooler.dense")), "classifier").float()


def trainer(bert, ids, labels, job):
    """A function that makes a step of AdamW and returns the objective before it, in bf16 with autocast
    around the forward pass, which casts each weight once a step."""
    decayed, spared = [], [] if bert.r is None else [bert.r]
    for name, p in bert.weights.items():
        (spared if name.endswith(".bias") or "LayerNorm" in name else decayed).append(p)
    optimiser = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.01}, {"params": spared, "weight_decay": 0}],
                                  lr=job["lr"], foreach=False)
    numbers = torch.arange(1, bert.layers + 1)[:, None]

    @torch.autocast("cpu", enabled=False)
    def step():
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=job["precision"] == "bf16"):
            objective = F.cross_entropy(bert(ids), labels)
        if bert.r is not None:
            objective = objective + job["lambda"] * (numbers * bert.r).sum()
        objective.backward()
        optimiser.step()
        if bert.r is not None:
            bert.r.data.clamp_(0, 1)
        torch.clear_autocast_cache()    # of weights as they were
        return objective.detach().view(1, 1)
    return step


def passes(job, ids):
    """The ways to make a forward pass: eager, which casts weights once, and with packed weights."""
    half = job["precision"] == "bf16"
    eager = Bert(job)
    packed = copy.copy(eager)
    packed.packed = {}
    packed.pack(ids.numel(), torch.bfloat16 if half else torch.float32)

    def run(bert):
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=half and bert is eager):
            return bert(ids)
    return {"eager": lambda: run(eager), "packed weights": lambda: run(packed)}


def products(job, ids):
    """The products of a forward pass with weights and nothing else, each encoder's by weights of its own."""
    bert = Bert(job)
    bert.pack(ids.numel(), torch.float32)
    x, wide = torch.randn(ids.numel(), bert.width), torch.randn(ids.numel(), bert.weights["bert.encoder.layer.0.intermediate.dense.bias"].numel())

    def run():
        for j in range(bert.layers):
            name = f"bert.encoder.layer.{j}."
            for layer, of in ("qkv", x), ("attention.output.dense", x), ("intermediate.dense", x), ("output.dense", wide):
                y = bert.linear(of, name + layer)
        return y[:1, :2]
    return {"packed weights": run}


def load(job):
    torch.set_num_threads(job["cores"])
    ids = torch.tensor(job["ids"])
    torch.set_grad_enabled(job["kind"] == "step")
    if job["kind"] == "step":
        ways = {"eager": trainer(Bert(job), ids, torch.tensor(job["labels"]), job)}
    elif job["kind"] == "products":
        ways = products(job, ids)
    else:
        ways = passes(job, ids)
    return ways, f"PyTorch {torch.__version__.partition('+')[0]}", 0


if __name__ == "__main__":
    with torch.autocast("cpu", torch.bfloat16):    # around all, so that what is cast of weights is kept
        lines.serve(load, torch.clear_autocast_cache)
