#!/usr/bin/env python3
"""Makes the golden vectors of ALBERT, albert_*.safetensors, with plain PyTorch (1.13 or later).

    python3 albert.py [FOLDER]          default: the folder of this file

Beside golden.py, from which it has attention, significance and extraction: the embedding is E wide and
is mapped to H, and all L encoders are one (Lan et al. 2020, arXiv 1909.11942), under the names of
Hugging Face's AlbertForSequenceClassification. Two runs write identical bytes.
"""
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

import golden
from golden import EPS, N, gather_rows, linear, picks, probabilities, rank_weights, ranks, significance, split_heads

LAYERS, EMBEDDING, HIDDEN, HEADS, FFN, VOCAB, POSITIONS, TYPES, LABELS = 3, 6, 16, 2, 22, 50, 11, 2, 2
RETENTION = (5, 3, 2)
AT = "albert.encoder.albert_layer_groups.0.albert_layers.0"
CASES = {"albert_dense": {}, "albert_hard_extract": dict(retain=RETENTION), "albert_soft_extract": dict(soft=True)}


def weight_shapes():
    """Every weight of the model, in the order of a Hugging Face state dict."""
    def dense(name, rows, cols):
        return {f"{name}.weight": (rows, cols), f"{name}.bias": (rows,)}

    def norm(name, width):
        return {f"{name}.weight": (width,), f"{name}.bias": (width,)}

    tables = {"word": VOCAB, "position": POSITIONS, "token_type": TYPES}
    out = {f"albert.embeddings.{k}_embeddings.weight": (rows, EMBEDDING) for k, rows in tables.items()}
    out.update(norm("albert.embeddings.LayerNorm", EMBEDDING))
    out.update(dense("albert.encoder.embedding_hidden_mapping_in", HIDDEN, EMBEDDING))
    out.update(norm(f"{AT}.full_layer_layer_norm", HIDDEN))
    for part in ("query", "key", "value", "dense"):
        out.update(dense(f"{AT}.attention.{part}", HIDDEN, HIDDEN))
    out.update(norm(f"{AT}.attention.LayerNorm", HIDDEN))
    out.update(dense(f"{AT}.ffn", FFN, HIDDEN))
    out.update(dense(f"{AT}.ffn_output", HIDDEN, FFN))
    out.update(dense("albert.pooler", HIDDEN, HIDDEN))
    out.update(dense("classifier", LABELS, HIDDEN))
    return out


def draw_weights(generator):
    out = {}
    for name, shape in weight_shapes().items():
        mean, deviation = golden.spread(name.replace("layer_layer_norm", "LayerNorm"), shape)
        out[name] = (mean + deviation * torch.randn(shape, generator=generator)).float()
    return out


def draw_inputs(generator):
    inputs = golden.draw_inputs(generator)
    inputs["soft_extract_r"] = (0.15 + 0.8 * torch.rand(LAYERS, N, generator=generator)).float()
    return inputs


def layer_norm(w, name, x):
    return F.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"], EPS)


def gelu_new(x):
    """As transformers' NewGELUActivation writes it."""
    return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))


def embed(w, batch):
    tables = "albert.embeddings.{}_embeddings.weight"
    n = batch["input_ids"].shape[1]
    x = (w[tables.format("word")][batch["input_ids"]] + w[tables.format("position")][:n]
         + w[tables.format("token_type")][batch["token_type_ids"]])
    return linear(w, "albert.encoder.embedding_hidden_mapping_in", layer_norm(w, "albert.embeddings.LayerNorm", x))


def encode(w, r, x, mask, retain=None, soft=False):
    """One encoder, L times; padding queries do not vote."""
    lengths, trace = [int(m.sum()) for m in mask], []
    for j in range(LAYERS):
        q, k, v = (split_heads(linear(w, f"{AT}.attention.{p}", x), HEADS) for p in ("query", "key", "value"))
        probs = probabilities(q, k, mask)
        context = (probs @ v).transpose(1, 2).flatten(2)                       # (B, n, H)
        y = layer_norm(w, f"{AT}.attention.LayerNorm", x + linear(w, f"{AT}.attention.dense", context))
        seen = {"probs": probs, "sig": significance(probs, mask, pads_vote=False), "mask": mask}
        if retain:
            seen["kept"] = picks(seen["sig"], retain[j])
            y, mask = gather_rows(y, seen["kept"]), gather_rows(mask, seen["kept"])
        if soft:
            seen["rank"] = ranks(seen["sig"])
            y = y * rank_weights(r[j], seen["rank"], lengths, False)[:, :, None]
        inner = linear(w, f"{AT}.ffn_output", gelu_new(linear(w, f"{AT}.ffn", y)))
        x = layer_norm(w, f"{AT}.full_layer_layer_norm", y + inner)
        trace.append({**seen, "ffn_input": y, "output": x})
    return x, trace


def run_case(weights, inputs, options, dtype=torch.float64):
    """All tensors of one case by name, with the gradients of the whole loss."""
    w, r = golden.leaves(weights, dtype), inputs["soft_extract_r"].to(dtype).requires_grad_()
    x, trace = encode(w, r, embed(w, inputs), inputs["attention_mask"].to(dtype), **options)
    pooled = torch.tanh(linear(w, "albert.pooler", x[:, 0]))
    logits = linear(w, "classifier", pooled)
    loss = F.cross_entropy(logits, inputs["labels"])
    out, wanted = {"logits": logits, "task_loss": loss, "pooled": pooled}, dict(w)
    for j, seen in enumerate(trace):
        out.update({f"layer.{j}.{k}": v for k, v in seen.items() if k != "mask"})
    if options.get("soft"):
        wanted["soft_extract.r"] = r
        out["reg"] = golden.regulariser(r)
        loss = loss + out["reg"]
    out.update(golden.gradients(loss, wanted, "grad."))
    return {k: v.detach() for k, v in out.items()}, [seen["mask"] for seen in trace]


def unambiguous(weights, inputs):
    for options in CASES.values():
        out, masks = run_case(weights, inputs, options)
        for j, mask in enumerate(masks):
            if not golden.clear_margins(out[f"layer.{j}.sig"], mask.sum(1).int()):
                return False
    return True


def first_clear_seed():
    for seed in range(1, 1_000_000):
        generator = torch.Generator().manual_seed(seed)
        weights, inputs = draw_weights(generator), draw_inputs(generator)
        if unambiguous(weights, inputs):
            return seed, weights, inputs
    raise SystemExit("albert.py: no seed has clear margins; lower golden.MARGIN")


def main():
    torch.set_num_threads(1)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    folder.mkdir(parents=True, exist_ok=True)
    seed, weights, inputs = first_clear_seed()
    print("seed", seed)
    golden.save(folder / "albert_weights.safetensors", weights)
    golden.save(folder / "albert_inputs.safetensors", inputs)
    for name, options in CASES.items():
        exact, _ = run_case(weights, inputs, options)
        golden.check_float32(name, exact, run_case(weights, inputs, options, torch.float32)[0])
        golden.save(folder / f"{name}.safetensors", exact)


if __name__ == "__main__":
    main()
