#!/usr/bin/env python3
"""Makes the golden vectors of the families beyond BERT and ALBERT, families.safetensors, and their models.

    PYTHON families.py          PYTHON: an interpreter with internal/oracles/requirements.txt

The models are transformers' own classes over random weights, as save_pretrained writes them, in model/testdata/families:
a folder for each family and class. Embedding, head and dense outputs are transformers'; encoders that remove or scale
word-vectors are written out below over the same weights, and without either make what transformers makes. Each sequence
runs alone, without padding, in float64.
"""
import math
import shutil
from pathlib import Path

import torch
import torch.nn.functional as F
import transformers as t

import exact
import golden
import modernbert

LAYERS, HIDDEN, HEADS, FFN, VOCAB, LABELS, EMBEDDING, LONGEST = 3, 12, 3, 14, 31, 3, 6, 19
LENGTHS, RETENTION, OPTIONS = (19, 5, 11), (12, 6, 2), 3
golden.MARGIN = 1e-4  # of 19 word-vectors two are nearer than golden.py's; float32 is 1e-6 away
HERE = Path(__file__).parent
MODELS = HERE.parents[2] / "model" / "testdata" / "families"
BERT = dict(q="attention.self.query", k="attention.self.key", v="attention.self.value", o="attention.output.dense",
            norm="attention.output.LayerNorm", up="intermediate.dense", down="output.dense", last="output.LayerNorm")
COMMON = dict(vocab_size=VOCAB, hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=FFN)


class TooNear(Exception):
    """Two significances that float32 might swap."""


class Family:
    def __init__(self, name, prefix, config, layers=None, names=None, base=None):
        self.name, self.config, self.layers, self.names = name, config, layers, names
        self.base = base or name
        self.classes = {k: getattr(t, prefix + v) for k, v in
                        {"classify": "ForSequenceClassification", "choice": "ForMultipleChoice", "masked": "ForMaskedLM"}.items()}


FAMILIES = [
    Family("roberta", "Roberta", t.RobertaConfig(**COMMON, max_position_embeddings=LONGEST + 2, type_vocab_size=1, hidden_act="gelu_new",
                                                 layer_norm_eps=1e-5), "encoder.layer", BERT),
    Family("camembert", "Camembert", t.CamembertConfig(**COMMON, max_position_embeddings=LONGEST + 2, type_vocab_size=1), "encoder.layer", BERT, "roberta"),
    Family("xlm-roberta", "XLMRoberta", t.XLMRobertaConfig(**COMMON, max_position_embeddings=LONGEST + 4, type_vocab_size=1, pad_token_id=3,
                                                           hidden_act="relu"), "encoder.layer", BERT, "roberta"),
    Family("distilbert", "DistilBert", t.DistilBertConfig(vocab_size=VOCAB, dim=HIDDEN, n_layers=LAYERS, n_heads=HEADS, hidden_dim=FFN,
                                                          max_position_embeddings=LONGEST, activation="silu"), "transformer.layer",
           dict(q="attention.q_lin", k="attention.k_lin", v="attention.v_lin", o="attention.out_lin", norm="sa_layer_norm",
                up="ffn.lin1", down="ffn.lin2", last="output_layer_norm")),
    Family("electra", "Electra", t.ElectraConfig(**COMMON, embedding_size=EMBEDDING, max_position_embeddings=LONGEST, type_vocab_size=3,
                                                 hidden_act="tanh"), "encoder.layer", BERT),
    Family("mpnet", "MPNet", t.MPNetConfig(**COMMON, max_position_embeddings=LONGEST + 2), "encoder.layer",
           dict(q="attention.attn.q", k="attention.attn.k", v="attention.attn.v", o="attention.attn.o", norm="attention.LayerNorm",
                up="intermediate.dense", down="output.dense", last="output.LayerNorm")),
    Family("modernbert", "ModernBert", t.ModernBertConfig(**COMMON, max_position_embeddings=LONGEST, local_attention=8, pad_token_id=3), base="model"),
    Family("modernbert-mean", "ModernBert", t.ModernBertConfig(**COMMON, max_position_embeddings=LONGEST, local_attention=7, pad_token_id=3,
                                                               layer_types=["sliding_attention", "full_attention", "sliding_attention"],
                                                               classifier_pooling="mean", norm_bias=True, attention_bias=True, mlp_bias=True,
                                                               classifier_bias=True, decoder_bias=False, hidden_activation="gelu_new",
                                                               classifier_activation="silu"), base="model"),
]


def draw(model, seed):
    """Weights wide enough that every part of the model bends its input."""
    generator = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        norm = "norm" in name.lower()
        mean, deviation = (1.0, 0.2) if norm and name.endswith("weight") else (0.0, 0.2)
        if p.dim() == 2:
            deviation = 0.6 if "embeddings.weight" in name or "relative" in name else 1.5 / math.sqrt(p.shape[1])
        p.data = mean + deviation * torch.randn(p.shape, generator=generator)
    model.tie_weights()


def inputs(family):
    """Token ids and types; the second sequence has the id 1 inside, which is padding to some families, the third 3."""
    generator = torch.Generator().manual_seed(5)
    typed = getattr(family.config, "type_vocab_size", 0) > 1
    for i, n in enumerate(LENGTHS):
        ids = torch.randint(4, VOCAB, (1, n), generator=generator)
        ids[0, 0], ids[0, n - 1] = 0, 2
        if i:
            ids[0, 3] = 2 * i - 1
        yield ids, (torch.arange(n)[None] * 2 // n if typed else torch.zeros_like(ids))


def embedded(base, ids, types, typed):
    x = base.embeddings(ids, token_type_ids=types) if typed else base.embeddings(ids)
    return base.embeddings_project(x) if hasattr(base, "embeddings_project") else x


def bias(base, positions):
    """MPNet's bias of scores, by where the word-vectors stood: (A, n, n)."""
    if not hasattr(base, "encoder") or not hasattr(base.encoder, "relative_attention_bias"):
        return 0
    distance = positions[None, :] - positions[:, None]
    return base.encoder.relative_attention_bias(base.encoder.relative_position_bucket(distance)).permute(2, 0, 1)[None]


def encode(family, base, x, retain=None, r=None):
    """All encoders over one sequence (1, n, H)."""
    if family.names is None:
        return modernbert.encode(base, x, TooNear, retain, r)
    act, names = t.activations.ACT2FN[getattr(family.config, "hidden_act", getattr(family.config, "activation", None))], family.names
    positions, picked = torch.arange(x.shape[1]), []
    for j, layer in enumerate(base.get_submodule(family.layers)):
        part = {k: layer.get_submodule(v) for k, v in names.items()}
        q, k, v = (golden.split_heads(part[p](x), HEADS) for p in "qkv")
        probs = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias(base, positions), -1)
        y = part["norm"](x + part["o"]((probs @ v).transpose(1, 2).flatten(2)))
        y, positions, clear = golden.eliminate(y, probs, positions, retain and retain[j], None if r is None else r[j])
        if retain:
            picked.append(positions)
        if not clear:
            raise TooNear
        x = part["last"](y + part["down"](act(part["up"](y))))
    return x, picked


def head(model, x):
    """A classifier's logits (1, C) of word-vectors (1, n, H)."""
    if hasattr(model, "pre_classifier"):
        return model.classifier(F.relu(model.pre_classifier(x[:, 0])))
    return model.classifier(modernbert.pooled(model, x) if hasattr(model, "head") else x)


def learned(out, prefix, model, loss, besides=()):
    named = {k: p for k, p in model.named_parameters() if "pooler" not in k}
    wanted = {**named, **dict(besides)}
    for name, g in zip(wanted, torch.autograd.grad(loss, list(wanted.values()))):
        out[f"{prefix}.grad.{name}"] = g


def classified(family, model, out):
    base, typed = getattr(model, family.base), getattr(family.config, "type_vocab_size", 0) > 1
    r = (0.15 + 0.8 * torch.rand(LAYERS, LONGEST, generator=torch.Generator().manual_seed(7))).float()
    out["r"] = r
    labels = torch.tensor([2, 0, 1])
    for case, options in {"dense": {}, "hard": {"retain": RETENTION}, "soft": {"r": r.double().requires_grad_()}}.items():
        logits = []
        for i, (ids, types) in enumerate(inputs(family)):
            out[f"ids.{i}"], out[f"types.{i}"] = ids[0], types[0]
            x, picked = encode(family, base, embedded(base, ids, types, typed), **options)
            logits.append(head(model, x))
            for j, kept in enumerate(picked):
                out[f"{case}.kept.{i}.{j}"] = kept
            if case == "dense":
                said = model(input_ids=ids, **({"token_type_ids": types} if typed else {})).logits
                assert (said - logits[-1]).abs().max() < 1e-12, family.name
        logits = torch.cat(logits)
        loss = F.cross_entropy(logits, labels)
        out[f"{case}.logits"], out[f"{case}.loss"] = logits, loss
        learned(out, case, model, loss, {"soft_extract.r": options["r"]}.items() if case == "soft" else ())


def chosen(family, model, out):
    """One question: the three sequences are its options, of which each runs alone."""
    typed = getattr(family.config, "type_vocab_size", 0) > 1
    logits = torch.cat([model(input_ids=ids[None], attention_mask=torch.ones_like(ids[None]), **({"token_type_ids": types[None]} if typed else {})).logits for ids, types in inputs(family)], 1)
    loss = F.cross_entropy(logits, torch.tensor([1]))
    out["choice.logits"], out["choice.loss"] = logits, loss
    wanted = dict(model.named_parameters())
    for name, g in zip(wanted, torch.autograd.grad(loss, list(wanted.values()))):
        out[f"choice.grad.{name}"] = g


def guessed(family, model, out):
    """The tokens at places 1 and 4 of each sequence, as if they had been masked."""
    typed = getattr(family.config, "type_vocab_size", 0) > 1
    rows = [model(input_ids=ids, **({"token_type_ids": types} if typed else {})).logits[0, [1, 4]] for ids, types in inputs(family)]
    logits = torch.cat(rows)
    loss = F.cross_entropy(logits, torch.tensor([7, 0, 30, 11, 4, 9]))
    out["masked.logits"], out["masked.loss"] = logits, loss
    wanted = dict(model.named_parameters())
    for name, g in zip(wanted, torch.autograd.grad(loss, list(wanted.values()))):
        name = name.replace("lm_head.decoder.weight", f"{family.base}.embeddings.word_embeddings.weight")  # which it is
        out[f"masked.grad.{name}"] = g


def main():
    torch.set_num_threads(1)
    shutil.rmtree(MODELS, ignore_errors=True)
    everything = {}
    for family in FAMILIES:
        out = {}
        for what, make in {"classify": classified, "choice": chosen, "masked": guessed}.items():
            config = family.config.__class__(**{**family.config.to_dict(), "num_labels": LABELS, "architectures": None})
            model = family.classes[what]._from_config(config, attn_implementation=exact.attention(family.name)).eval()
            for seed in range(1, 1000):
                draw(model.float(), seed)
                model.save_pretrained(MODELS / family.name / what)
                try:
                    make(family, model.double(), out)
                except TooNear:
                    continue
                break
            print(family.name, what, "seed", seed)
        everything.update({f"{family.name}.{k}": v.detach() for k, v in out.items()})
    ops = golden.Ops(11)
    modernbert.ops(ops)
    everything.update({f"ops.{k}": v for k, v in ops.tensors.items()})
    distances = torch.arange(-200, 201)
    everything["buckets"] = t.models.mpnet.modeling_mpnet.MPNetEncoder.relative_position_bucket(distances)
    golden.save(HERE / "families.safetensors", everything)


if __name__ == "__main__":
    main()
