#!/usr/bin/env python3
"""Times one epoch of fine-tuning on SST-2 in PyTorch: the peer of `train finetune sst2`.

    POWERBERT_DATA=DIR ./torch_epoch.sh             a whole epoch
    POWERBERT_DATA=DIR ./torch_epoch.sh --steps 100 some steps, extrapolated
    POWERBERT_DATA=DIR ./torch_epoch.sh --evaluate  forward passes only, without dropout or gradients

torch_epoch.sh sets the libraries with which PyTorch is fastest on a CPU; without it the comparison
is false by a factor of two. The model is the recipe's: 12 encoders, H 128, A 2, F 512, uncased
WordPiece vocabulary, dropout 0.1, batch 32, AdamW at 3e-4, float32. Batches are bucketed by length and
padded to their longest sequence only. One line of JSON goes to stdout: seconds_per_epoch and
examples_per_second among it. Reading and tokenising are not timed, making a batch's tensors is.

With --steps, batches are taken at even steps from the shortest to the longest, and their time is
scaled by padded tokens; the result then says "extrapolated": true.
"""
import argparse
import json
import math
import os
import random
import sys
import time
import unicodedata
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

LAYERS, HIDDEN, HEADS, FFN, POSITIONS, CLASSES = 12, 128, 2, 512, 512, 2
EPS = 1e-12


# ---- text --------------------------------------------------------------------------------------

def is_punctuation(c):
    return unicodedata.category(c)[0] == "P" or (c.isascii() and c.isprintable() and not c.isalnum() and c != " ")


def words(text):
    """Lower-cased words and punctuation marks, without accents."""
    text = unicodedata.normalize("NFD", text.lower())
    spaced = "".join(f" {c} " if is_punctuation(c) else c for c in text if unicodedata.category(c) != "Mn")
    return spaced.split()


class WordPiece:
    """Greedy longest-match pieces; every distinct word is cut once."""

    def __init__(self, vocabulary):
        self.ids = {w: i for i, w in enumerate(vocabulary.read_text(encoding="utf-8").splitlines())}
        self.cut = {}

    def pieces(self, word):
        out, start = [], 0
        while start < len(word):
            end = len(word)
            while end > start and ("##" if start else "") + word[start:end] not in self.ids:
                end -= 1
            if end == start:
                return [self.ids["[UNK]"]]
            out.append(self.ids[("##" if start else "") + word[start:end]])
            start = end
        return out

    def encode(self, text, longest):
        out = []
        for w in words(text):
            if w not in self.cut:
                self.cut[w] = self.pieces(w)
            out += self.cut[w]
        return [self.ids["[CLS]"]] + out[:longest - 2] + [self.ids["[SEP]"]]


def read(data, longest):
    """Encoded sentences and labels of SST-2's training file, and the vocabulary's size."""
    tokens = WordPiece(data / "tokenizers" / "bert-base-uncased" / "vocab.txt")
    lines = (data / "data" / "glue" / "SST-2" / "train.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.rsplit("\t", 1) for line in lines]
    return [(tokens.encode(text, longest), int(label)) for text, label in rows], len(tokens.ids)


def buckets(examples, size, seed):
    """Batches of sentences of nearly one length, shortest first; equal lengths fall in random order."""
    order = list(range(len(examples)))
    random.Random(seed).shuffle(order)
    order.sort(key=lambda i: len(examples[i][0]))
    return [[examples[i] for i in order[k:k + size]] for k in range(0, len(order), size)]


def tensors(batch):
    """ids (B, n), the number added to scores (B, 1, 1, n) or None without padding, labels (B)."""
    n = max(len(ids) for ids, _ in batch)
    ids = torch.tensor([ids + [0] * (n - len(ids)) for ids, _ in batch])
    labels = torch.tensor([label for _, label in batch])
    if all(len(i) == n for i, _ in batch):
        return ids, None, labels
    lengths = torch.tensor([len(i) for i, _ in batch])
    return ids, (torch.arange(n) >= lengths[:, None])[:, None, None, :] * -10000.0, labels


# ---- model -------------------------------------------------------------------------------------

class Encoder(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.rate = dropout
        self.qkv, self.out = nn.Linear(HIDDEN, 3 * HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.up, self.down = nn.Linear(HIDDEN, FFN), nn.Linear(FFN, HIDDEN)
        self.norm1, self.norm2 = nn.LayerNorm(HIDDEN, EPS), nn.LayerNorm(HIDDEN, EPS)

    def drop(self, x):
        return F.dropout(x, self.rate, self.training)

    def forward(self, x, mask):
        b, n, _ = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, HEADS, -1).permute(2, 0, 3, 1, 4).unbind()    # (B, A, n, d)
        scores = (q * (1 / math.sqrt(q.shape[-1]))) @ k.transpose(-1, -2)
        probs = self.drop(torch.softmax(scores if mask is None else scores + mask, -1))
        context = (probs @ v).transpose(1, 2).reshape(b, n, HIDDEN)
        y = self.norm1(x + self.drop(self.out(context)))
        return self.norm2(y + self.drop(self.down(F.gelu(self.up(y)))))


class Classifier(nn.Module):
    def __init__(self, vocabulary, dropout):
        super().__init__()
        self.rate = dropout
        self.word, self.position = nn.Embedding(vocabulary, HIDDEN), nn.Embedding(POSITIONS, HIDDEN)
        self.kind = nn.Embedding(2, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, EPS)
        self.encoders = nn.ModuleList(Encoder(dropout) for _ in range(LAYERS))
        self.pooler, self.head = nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, CLASSES)
        for name, p in self.named_parameters():
            if "norm" not in name:
                nn.init.zeros_(p) if name.endswith("bias") else nn.init.normal_(p, 0, 0.02)

    def drop(self, x):
        return F.dropout(x, self.rate, self.training)

    def forward(self, ids, mask):
        x = self.word(ids) + (self.position.weight[:ids.shape[1]] + self.kind.weight[0])
        x = self.drop(self.norm(x))
        for encoder in self.encoders:
            x = encoder(x, mask)
        return self.head(self.drop(torch.tanh(self.pooler(x[:, 0]))))


# ---- timing ------------------------------------------------------------------------------------

def step(model, optimiser, batch):
    ids, mask, labels = tensors(batch)
    optimiser.zero_grad(set_to_none=True)
    loss = F.cross_entropy(model(ids, mask), labels)
    loss.backward()
    optimiser.step()
    return loss.item()


@torch.no_grad()
def evaluation(model, batch):
    ids, mask, labels = tensors(batch)
    return F.cross_entropy(model(ids, mask), labels).item()


def padded(batch):
    return len(batch) * max(len(ids) for ids, _ in batch)


def chosen(batches, steps):
    """All batches, or `steps` of them spread evenly over the lengths."""
    if not steps or steps >= len(batches):
        return list(batches)
    return [batches[int((i + 0.5) * len(batches) / steps)] for i in range(steps)]


def busy_seconds():
    """CPU seconds that all processes of the machine have used."""
    fields = [int(x) for x in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def timed(perform, batches):
    """Seconds, mean loss, and how many cores other processes kept busy meanwhile."""
    busy, own, start = busy_seconds(), time.process_time(), time.perf_counter()
    losses = [perform(b) for b in batches]
    seconds = time.perf_counter() - start
    others = (busy_seconds() - busy - (time.process_time() - own)) / seconds
    return seconds, sum(losses) / len(losses), max(others, 0)


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    p.add_argument("--steps", type=int, default=0, help="time this many steps and extrapolate; 0: the whole epoch")
    p.add_argument("--evaluate", action="store_true", help="time evaluation instead of training")
    p.add_argument("--warmup", type=int, default=5, help="steps before the clock starts")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=3e-4)
    p.add_argument("--dropout", type=float, default=0.1)
    p.add_argument("--max-length", type=int, default=64)
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def main():
    a = arguments()
    root = os.environ.get("POWERBERT_DATA")
    if not root:
        sys.exit("torch_epoch.py: POWERBERT_DATA is not set; want a folder with data/glue/SST-2 and tokenizers")
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    examples, vocabulary = read(Path(root), a.max_length)
    batches = buckets(examples, a.batch, a.seed)
    run = chosen(batches, a.steps)
    random.Random(a.seed + 1).shuffle(run)
    model = Classifier(vocabulary, a.dropout).train(not a.evaluate)
    optimiser = torch.optim.AdamW(model.parameters(), lr=a.lr, weight_decay=0.0, foreach=False)
    perform = (lambda b: evaluation(model, b)) if a.evaluate else (lambda b: step(model, optimiser, b))
    for batch in chosen(batches, a.warmup) if a.warmup else []:
        perform(batch)
    seconds, loss, others = timed(perform, run)
    if others > 0.1:
        print(f"torch_epoch.py: other processes used {others:.1f} cores; the time is worthless", file=sys.stderr)
    scale = sum(map(padded, batches)) / sum(map(padded, run))
    epoch = seconds * scale
    print(json.dumps({
        "seconds_per_epoch": round(epoch, 2),
        "examples_per_second": round(len(examples) / epoch, 1),
        "extrapolated": len(run) < len(batches),
        "steps": len(run), "steps_per_epoch": len(batches), "milliseconds_per_step": round(1e3 * seconds / len(run), 2),
        "examples": len(examples),
        "tokens": sum(len(ids) for ids, _ in examples), "padded_tokens": sum(map(padded, batches)),
        "mean_loss": round(loss, 4),
        "parameters": sum(p.numel() for p in model.parameters()),
        "batch": a.batch, "threads": a.threads, "dropout": a.dropout, "lr": a.lr, "seed": a.seed,
        "torch": torch.__version__, "tuned": os.environ.get("TORCH_TUNED", "no: run torch_epoch.sh"),
        "cores_used_by_others": round(others, 2),
    }))


if __name__ == "__main__":
    main()
