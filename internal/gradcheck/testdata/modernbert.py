"""ModernBERT's encoders, what its classifier reads and its operations, written out for families.py."""
import math

import torch
import torch.nn.functional as F
from transformers import ModernBertConfig, ModernBertModel

import exact
import golden


def attention(layer, x, positions, rotary):
    """Probabilities (1, A, n, n) and values of word-vectors that stand at these positions of the text."""
    config, kind = layer.attn.config, layer.attention_type
    qkv = layer.attn.Wqkv(layer.attn_norm(x)).chunk(3, -1)
    q, k, v = (golden.split_heads(part, config.num_attention_heads) for part in qkv)
    q, k = exact.turn(q, k, *rotary(x, positions[None], kind))
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if kind == "sliding_attention":
        far = (positions[:, None] - positions[None, :]).abs() > config.local_attention // 2
        scores = scores.masked_fill(far, -math.inf)
    return torch.softmax(scores, -1), v


def encode(base, x, too_near, retain=None, r=None):
    """All encoders over one sequence (1, n, H), of which word-vectors leave between the halves."""
    positions, picked = torch.arange(x.shape[1]), []
    for j, layer in enumerate(base.layers):
        probs, v = attention(layer, x, positions, base.rotary_emb)
        y = x + layer.attn.Wo((probs @ v).transpose(1, 2).flatten(2))
        y, positions, clear = golden.eliminate(y, probs, positions, retain and retain[j], None if r is None else r[j])
        if retain:
            picked.append(positions)
        if not clear:
            raise too_near
        x = y + layer.mlp(layer.mlp_norm(y))
    return base.final_norm(x), picked


def pooled(model, x):
    """What the classifier reads of word-vectors (1, n, H)."""
    return model.head(x.mean(1) if model.config.classifier_pooling == "mean" else x[:, 0])


def near(positions, reach):
    return (positions[:, None] - positions[None, :]).abs() <= reach


def ops(ops):
    """The operations that ModernBERT alone has, over two sequences side by side."""
    positions, lengths, reach, heads = torch.tensor([0, 1, 4, 5, 9, 12, 17, 0, 2, 3, 19]), (7, 4), 3, 2
    base = ModernBertModel._from_config(ModernBertConfig(hidden_size=12, num_attention_heads=2, num_hidden_layers=1, intermediate_size=2, vocab_size=9, pad_token_id=0))
    cos, sin = base.rotary_emb(torch.zeros(1, dtype=torch.float64), positions[None], "full_attention")
    frequency = {"frequency": base.rotary_emb.full_attention_inv_freq, "positions": positions}

    def rotary(x):
        q, k = (golden.split_heads(part[None], heads) for part in x[:, :24].chunk(2, -1))
        return torch.cat([part.transpose(1, 2).flatten(2)[0] for part in exact.turn(q, k, cos, sin)] + [x[:, 24:]], -1)

    def windowed(q, k, v):
        out = []
        for at in (positions[:lengths[0]], 0), (positions[lengths[0]:], lengths[0]):
            rows = slice(at[1], at[1] + len(at[0]))
            part = [golden.split_heads(x[rows][None], heads) for x in (q, k, v)]
            scores = part[0] @ part[1].transpose(-1, -2) / math.sqrt(part[0].shape[-1])
            p = torch.softmax(scores.masked_fill(~near(at[0], reach), -math.inf), -1)
            out.append((p @ part[2]).transpose(1, 2).flatten(2)[0])
        return torch.cat(out)

    ops.add("rotary", rotary, frequency, x=ops.normal(11, 29))
    ops.add("windowed", windowed, {"positions": positions, "lengths": torch.tensor(lengths)}, q=ops.normal(11, 6), k=ops.normal(11, 6), v=ops.normal(11, 6))
    ops.add("geglu", lambda x: F.gelu(x[:, :5]) * x[:, 5:], x=ops.normal(7, 10, scale=1.5))
    ops.add("mean", lambda x: torch.stack([x[:7].mean(0), x[7:10].mean(0)]), x=ops.normal(11, 5))  # the last row is padding
    ops.add("linear_no_bias", F.linear, x=ops.normal(7, 5), weight=ops.normal(4, 5))
    ops.add("layernorm_no_bias", lambda x, gamma: F.layer_norm(x, (7,), gamma, None, 1e-5), x=ops.normal(5, 7), gamma=ops.normal(7))
