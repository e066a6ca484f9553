#!/usr/bin/env python3
"""Makes the golden vectors of the score of value norms, on the model and the inputs of golden.py.

    python3 values.py [FOLDER]          default: the folder of this file

The score is Sig(w) = sum_h (sum_w' P_h[w', w]) * |V_h[w]|, V_h[w] the value of word-vector w in head h
with its bias. Letters are golden.py's; README.md beside this file says what each tensor is.
"""
import sys
from pathlib import Path

import torch

import golden

CASES = {
    "hard_extract_value": dict(retain=golden.RETENTION, pads_vote=False),
    "hard_extract_value_relative": dict(retain=golden.RETENTION, pads_vote=False, packed=True),
    "soft_extract_value_ibm": dict(soft=True, diagonal=False),
    "soft_extract_value_relative": dict(soft=True, pads_vote=False, relative=True),
}
ATTENTION = {"attention": (2, (4, 1, 3), (4, 1, 3)), "attention_padded": (3, (5, 5, 5), (5, 3, 2))}  # as in golden.single_ops


def entering(exact, j):
    """How many real word-vectors of each sequence enter encoder j of a case."""
    if j == 0 or "layer.0.kept" not in exact:
        return golden.LENGTHS
    return [int(((kept >= 0) & (kept < n)).sum()) for kept, n in zip(exact["layer.0.kept"], golden.LENGTHS)]


def clear(exact):
    """Whether no two significances of a sequence are so near that float32 could swap them."""
    return all(golden.clear_margins(exact[f"layer.{j}.sig"], entering(exact, j)) for j in range(golden.LAYERS))


def differs(exact, plain):
    """Whether the score ranks or keeps other word-vectors than attention alone."""
    return any(k.endswith((".kept", ".rank")) and not torch.equal(v, plain[k]) for k, v in exact.items())


def significances(seed):
    """Those of golden.py's single attentions in every convention, packed: (sum of n)."""
    given, out = golden.single_ops(seed), {}
    for name, (heads, lengths, real) in ATTENTION.items():
        blocks = golden.unpack_probabilities(given[f"{name}.probs"], heads, list(lengths))
        values = [golden.split_heads(v[None], heads) for v in given[f"{name}.v"].split(list(lengths))]
        for vote in (True, False):
            for own in (True, False):
                key = f"{name}.sig_rows_{'all' if vote else 'valid'}_{'diag' if own else 'nodiag'}"
                masks = [(torch.arange(p.shape[-1]) < n).double()[None] for p, n in zip(blocks, real)]
                out[key] = torch.cat([golden.significance(p[None], m, vote, own, v)[0] for p, m, v in zip(blocks, masks, values)])
    return out


def main():
    torch.set_num_threads(1)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    folder.mkdir(parents=True, exist_ok=True)
    seed, weights, inputs = golden.first_clear_seed()
    other = set()
    for name, options in CASES.items():
        by_value = {**options, "by_value": True}
        exact = golden.run_case(weights, inputs, by_value)
        assert clear(exact), f"{name}: two significances are too near"
        if differs(exact, golden.run_case(weights, inputs, options)):
            other.add(name)
        golden.check_float32(name, exact, golden.run_case(weights, inputs, by_value, torch.float32))
        golden.save(folder / f"{name}.safetensors", exact)
    print("ranks and picks are others than by attention in", ", ".join(sorted(other)))
    golden.save(folder / "values.safetensors", significances(seed))


if __name__ == "__main__":
    main()
