#!/usr/bin/env python3
"""Makes the weights beside it, with PyTorch 1.13 (Debian's python3-torch):

    python3 make.py

A BertForPreTraining of random weights for the vocabulary of the demo task, with
the names that checkpoints converted from TensorFlow have, in float16.
"""
import os
from collections import OrderedDict

import torch

V, N, H, F, L = 132, 32, 8, 16, 2
torch.manual_seed(0)
state = OrderedDict()


def add(name, *shape):
    state[name] = (torch.randn(*shape) * 0.02).half()


def linear(name, out, inner):
    add(name + ".weight", out, inner)
    add(name + ".bias", out)


def norm(name):
    state[name + ".gamma"] = torch.ones(H).half()
    state[name + ".beta"] = torch.zeros(H).half()


add("bert.embeddings.word_embeddings.weight", V, H)
add("bert.embeddings.position_embeddings.weight", N, H)
add("bert.embeddings.token_type_embeddings.weight", 2, H)
norm("bert.embeddings.LayerNorm")
for j in range(L):
    at = f"bert.encoder.layer.{j}."
    for part in "query", "key", "value":
        linear(at + "attention.self." + part, H, H)
    linear(at + "attention.output.dense", H, H)
    norm(at + "attention.output.LayerNorm")
    linear(at + "intermediate.dense", F, H)
    linear(at + "output.dense", H, F)
    norm(at + "output.LayerNorm")
linear("bert.pooler.dense", H, H)
add("cls.predictions.bias", V)
linear("cls.predictions.transform.dense", H, H)
norm("cls.predictions.transform.LayerNorm")
state["cls.predictions.decoder.weight"] = state["bert.embeddings.word_embeddings.weight"]
linear("cls.seq_relationship", 2, H)

assert torch.__version__.startswith("1.13"), torch.__version__
os.chdir(os.path.dirname(os.path.abspath(__file__)))
torch.save(state, "pytorch_model.bin")
