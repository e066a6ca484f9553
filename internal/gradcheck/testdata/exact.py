"""ModernBERT in float64: transformers turns queries and keys, and normalises eager attention, in float32 whatever the model is.

The angles stay what they are there, products of float32.
"""
import torch
from transformers.models.modernbert import modeling_modernbert as m

theirs = m.ModernBertRotaryEmbedding.forward


def forward(self, x, position_ids, layer_type):
    if x.dtype != torch.float64:
        return theirs(self, x, position_ids, layer_type)
    angles = (position_ids[..., None].float() * getattr(self, f"{layer_type}_inv_freq").float()).double()
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def turn(q, k, cos, sin, unsqueeze_dim=1):
    cos, sin = cos.unsqueeze(unsqueeze_dim), sin.unsqueeze(unsqueeze_dim)
    return q * cos + m.rotate_half(q) * sin, k * cos + m.rotate_half(k) * sin


m.ModernBertRotaryEmbedding.forward = forward
m.apply_rotary_pos_emb = turn


def attention(name):
    """The implementation of attention whose softmax has the model's precision."""
    return "sdpa" if "modernbert" in str(name) else "eager"
