"""What transformers makes of directories that take word-vectors out.

Reads {"models": [{"dir": DIR, "again": DIR, "batches": [{"input_ids": [...], ...}, ...]}, ...]} from standard input and
prints for each model, as JSON, the logits of each batch as it is and padded at the left, how it is refused where its code
is not trusted, and whether every weight has a gradient. Saves the model anew into again.
"""
import json
import sys
import warnings

import torch
import transformers as t

warnings.simplefilter("ignore")
t.logging.set_verbosity_error()
torch.set_num_threads(1)


def auto(folder):
    heads = json.load(open(f"{folder}/config.json"))["auto_map"]
    return getattr(t, next(head for head in heads if head != "AutoConfig"))


def left(batch):
    """The batch with its padding at the left."""
    mask = batch["attention_mask"]
    turn = torch.arange(mask.shape[-1]) + mask.sum(-1, keepdim=True)
    return {name: rows.gather(-1, turn % mask.shape[-1]) for name, rows in batch.items()}


def refused(load, folder):
    try:
        load.from_pretrained(folder, trust_remote_code=False)
    except ValueError as error:
        return str(error)
    return ""


def learns(model, batch):
    """Whether a loss reaches every weight but those of rows that nothing reads."""
    model.train()
    model(**batch).logits.square().sum().backward()
    return all(p.grad is not None and bool(p.grad.isfinite().all()) for p in model.parameters())


def look(asked):
    load, folder = auto(asked["dir"]), asked["dir"]
    model, info = load.from_pretrained(folder, trust_remote_code=True, output_loading_info=True)
    strange = {key: list(value) for key, value in info.items() if value}
    batches = [{name: torch.tensor(rows) for name, rows in batch.items()} for batch in asked["batches"]]
    if not model.config.to_dict().get("type_vocab_size"):
        batches = [{name: rows for name, rows in batch.items() if name != "token_type_ids"} for batch in batches]
    model.eval()
    with torch.no_grad():
        right, lefts = [[model(**way(batch)).logits.flatten().tolist() for batch in batches] for way in (dict, left)]
    model.save_pretrained(asked["again"])
    return {"right": right, "left": lefts, "refused": refused(load, folder), "strange": strange, "learns": learns(model, batches[0])}


print(json.dumps([look(asked) for asked in json.load(sys.stdin)["models"]]))
