#!/usr/bin/env python3
"""Makes students.safetensors with plain PyTorch (1.13 or later): the first step of a teacher's students.

    python3 students.py [FOLDER]          default: the folder of this file

DistilBERT (Sanh et al. 2019, arXiv 1910.01108) and BERT-PKD (Sun et al. 2019, arXiv 1908.09355, PKD-Skip)
of 3 encoders, beside golden.py, whose model the teacher is, narrower and with 6 encoders. Each method is
written as its definition, term by term. Two runs write identical bytes.
"""
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

import golden
from golden import LENGTHS, classify

TEACHER, STUDENT = 6, 3  # encoders
golden.LAYERS, golden.HIDDEN, golden.FFN, golden.VOCAB, golden.POSITIONS, golden.LABELS = TEACHER, 6, 10, 20, 9, 3

# The weights of DistilBERT's terms are its authors'. PKD's are from the paper's grids; an alpha of 0.5, which
# is there too, would not tell the labels' share from the teacher's.
DISTILBERT = dict(hard=2.0, soft=5.0, cosine=1.0, temperature=2.0)
PKD = dict(alpha=0.2, beta=100.0, temperature=10.0)


def begin(teacher, first):
    """The weights of a student whose encoder j begins as the teacher's encoder first(j)."""
    out = {name: value for name, value in teacher.items() if ".layer." not in name}
    for j in range(STUDENT):
        to, at = f"bert.encoder.layer.{j}.", f"bert.encoder.layer.{first(j)}."
        out.update({to + name[len(at):]: value for name, value in teacher.items() if name.startswith(at)})
    return out


def soft_targets(logits, teacher, temperature):
    """T² KL(teacher || student) at temperature T, the mean over sequences."""
    student, teacher = F.log_softmax(logits / temperature, 1), F.softmax(teacher / temperature, 1)
    return temperature ** 2 * F.kl_div(student, teacher, reduction="batchmean")


def cosine(x, target):
    """1 − cosine, the mean over a sequence's real word-vectors (B, N, H), then over sequences."""
    parts = [1 - F.cosine_similarity(a[:n], b[:n], dim=1) for a, b, n in zip(x, target, LENGTHS)]
    return torch.stack([p.mean() for p in parts]).mean()


def patience(x, target):
    """The mean over sequences, encoders and H of the squared difference of normalised [CLS] states (M, B, H)."""
    return F.mse_loss(F.normalize(x, dim=2), F.normalize(target, dim=2))


def distilbert(student, teacher, labels):
    (logits, _, trace), (said, _, shown) = student, teacher
    k = DISTILBERT
    return (k["hard"] * F.cross_entropy(logits, labels) + k["soft"] * soft_targets(logits, said, k["temperature"])
            + k["cosine"] * cosine(trace[-1]["output"], shown[-1]["output"]))


def pkd(student, teacher, labels):
    """The student's encoders before the last follow the teacher's 2nd and 4th."""
    (logits, _, trace), (said, _, shown) = student, teacher
    k, follows = PKD, (1, 3)
    states = torch.stack([seen["output"][:, 0] for seen in trace[:-1]])
    targets = torch.stack([shown[j]["output"][:, 0] for j in follows])
    return ((1 - k["alpha"]) * F.cross_entropy(logits, labels) + k["alpha"] * soft_targets(logits, said, k["temperature"])
            + k["beta"] * patience(states, targets))


METHODS = {"distilbert": (distilbert, lambda j: 2 * j), "pkd": (pkd, lambda j: j)}


def step(weights, inputs, objective, first):
    """Loss and gradients of a student's first step."""
    batch = {**inputs, "attention_mask": inputs["attention_mask"].double()}
    with torch.no_grad():
        teacher = classify(golden.leaves(weights, torch.float64), None, batch)
    w = golden.leaves(begin(weights, first), torch.float64)
    loss = objective(classify(w, None, batch, layers=STUDENT), teacher, inputs["labels"])
    return {"loss": loss.detach(), **golden.gradients(loss, {k: w[k] for k in w if told(k)}, "grad.")}


def told(name):
    """Whether the gradient of a tensor is recorded: those next to where a term of a loss comes in, and the
    first and the last of the network."""
    return "output.LayerNorm" in name or name.startswith(("classifier", "bert.embeddings.word"))


def patience_op(seed):
    """The loss of normalised [CLS] states by itself, 3 encoders of 4 sequences, as golden.Ops has them."""
    ops = golden.Ops(seed)
    target = ops.normal(3, 4, 5)
    ops.add("patience", lambda x: patience(x, target)[None], {"target": target}, x=ops.normal(3, 4, 5))
    return ops.tensors


def main():
    torch.set_num_threads(1)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    folder.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(1)
    weights, inputs = golden.draw_weights(generator), golden.draw_inputs(generator)
    del inputs["soft_extract_r"]
    inputs["labels"] = torch.tensor([1, 0, 2])
    out = {**inputs, **{f"weight.{k}": v for k, v in weights.items()}, **patience_op(1)}
    for name, (objective, first) in METHODS.items():
        out.update({f"{name}.{k}": v for k, v in step(weights, inputs, objective, first).items()})
        print(name, float(out[f"{name}.loss"]))
    golden.save(folder / "students.safetensors", out)


if __name__ == "__main__":
    main()
