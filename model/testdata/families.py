"""Small models of every family as transformers saves them, what it makes of them, and whether it reads them back.

Reads {"folder": DIR, "families": [...], "ids": [[...], ...]} from standard input: makes a classifier of each family under
DIR/FAMILY in every way of saving, and prints as JSON, by FAMILY/WAY, the logits of each sequence in float64 and in float32.
With {"saved": {NAME: DIR, ...}, "ids": ...} it prints the float64 logits of the model in each DIR, by NAME.
"""
import json
import sys
from pathlib import Path

import torch
import transformers as t

SMALL = dict(vocab_size=97, hidden_size=40, num_hidden_layers=3, num_attention_heads=5, intermediate_size=72, num_labels=3)
OWN = {
    "bert": {}, "albert": dict(embedding_size=24), "electra": dict(embedding_size=24),
    "distilbert": dict(dim=40, n_layers=3, n_heads=5, hidden_dim=72),
    "modernbert": dict(local_attention=24, global_attn_every_n_layers=2, pad_token_id=1),
    "modernbert, mean": dict(local_attention=7, layer_types=["sliding_attention", "full_attention", "sliding_attention"], classifier_pooling="mean", pad_token_id=1,
                             norm_bias=True, attention_bias=True, mlp_bias=True, classifier_bias=True, hidden_activation="silu", classifier_activation="tanh"),
}


sys.path.append(str(Path(__file__).parents[2] / "internal" / "gradcheck" / "testdata"))
import exact  # noqa: E402, which makes ModernBERT's rotary positions of the model's precision
torch.set_num_threads(1)
asked = json.load(sys.stdin)


def logits(folder, dtype):
    model = t.AutoModelForSequenceClassification.from_pretrained(folder, dtype=dtype, attn_implementation=exact.attention(folder)).eval()
    with torch.no_grad():
        return [model(input_ids=torch.tensor([ids])).logits[0].tolist() for ids in asked["ids"]]


def rename(folder, old, new):
    """Calls a key of config.json as other versions do."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config[new] = config.pop(old)
    path.write_text(json.dumps(config))


def older(path, every):
    """Spells a ModernBERT's attention and rotary positions as transformers 4 does."""
    config = json.loads(path.read_text())
    del config["layer_types"]
    by = config.pop("rope_parameters")
    config.update(global_attn_every_n_layers=every, global_rope_theta=by["full_attention"]["rope_theta"], local_rope_theta=by["sliding_attention"]["rope_theta"])
    path.write_text(json.dumps(config))


def save(model, folder):
    """Every way of saving, of which one spells config.json as older releases do."""
    model.save_pretrained(folder / "whole")
    model.save_pretrained(folder / "sharded", max_shard_size="40KB")
    model.save_pretrained(folder / "torch")
    (folder / "torch" / "model.safetensors").unlink()
    torch.save(model.state_dict(), folder / "torch" / "pytorch_model.bin")
    rename(folder / "torch", "dtype", "torch_dtype")
    if "global_attn_every_n_layers" in OWN.get(folder.name, {}):
        older(folder / "torch" / "config.json", OWN[folder.name]["global_attn_every_n_layers"])
    model.half().save_pretrained(folder / "half")
    model.bfloat16().save_pretrained(folder / "bfloat16")
    rename(folder / "bfloat16", "dtype", "torch_dtype")


def make(family):
    torch.manual_seed(3)
    config = t.AutoConfig.for_model(family.split(",")[0], **SMALL, max_position_embeddings=90, initializer_range=0.2, **OWN.get(family, {}))
    save(t.AutoModelForSequenceClassification.from_config(config), Path(asked["folder"]) / family)


if "saved" in asked:
    print(json.dumps({name: logits(folder, torch.float64) for name, folder in asked["saved"].items()}))
else:
    answer = {}
    for family in asked["families"]:
        make(family)
        for folder in (Path(asked["folder"]) / family).iterdir():
            answer[f"{family}/{folder.name}"] = {"float64": logits(folder, torch.float64), "float32": logits(folder, torch.float32)}
    print(json.dumps(answer))
