"""ModernBERT's encoders and what its classifier reads, written out over transformers' weights for families.py."""
import math

import torch

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
        sig = golden.significance(probs, torch.ones(1, x.shape[1], dtype=x.dtype))
        if retain:
            kept = golden.picks(sig, min(retain[j], x.shape[1]))
            y, positions = golden.gather_rows(y, kept), positions[kept[0]]
            picked.append(positions)
        if r is not None:
            y = y * r[j][golden.ranks(sig)][:, :, None]
        if not golden.clear_margins(sig, torch.tensor([sig.shape[1]])):
            raise too_near
        x = y + layer.mlp(layer.mlp_norm(y))
    return base.final_norm(x), picked


def pooled(model, x):
    """What the classifier reads of word-vectors (1, n, H)."""
    return model.head(x.mean(1) if model.config.classifier_pooling == "mean" else x[:, 0])
