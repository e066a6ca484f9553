"""What transformers makes of a BERT in float64 and in float32, for the test of real encoders.

Reads {"model": DIR, "ids": [[...], ...], "classifier": [[...], ...], "label": [...], "gradients": [NAME, ...]} from
standard input: sequences of ids, the weights of a classifier of as many labels as rows, and names of parameters. Prints
as JSON, for "float64" and "float32", for each sequence alone the [CLS] vector that leaves each encoder, the logits, and
their cross-entropy with the label; and the gradients of the mean of those for the named parameters, in float64.
"""
import json
import sys

import torch
from transformers import BertForSequenceClassification

asked = json.load(sys.stdin)


def outputs(dtype):
    model = BertForSequenceClassification.from_pretrained(
        asked["model"], num_labels=len(asked["classifier"]), dtype=dtype, attn_implementation="eager").eval()
    with torch.no_grad():
        model.classifier.weight.copy_(torch.tensor(asked["classifier"], dtype=dtype))
        model.classifier.bias.zero_()
    out, total = {"cls": [], "logits": [], "loss": []}, 0
    for ids, label in zip(asked["ids"], asked["label"]):
        said = model(input_ids=torch.tensor([ids]), labels=torch.tensor([label]), output_hidden_states=True)
        out["cls"].append([h[0, 0].tolist() for h in said.hidden_states[1:]])
        out["logits"].append(said.logits[0].tolist())
        out["loss"].append(said.loss.item())
        total = total + said.loss / len(asked["ids"])
    if dtype == torch.float64:
        total.backward()
        named = dict(model.named_parameters())
        out["gradients"] = {name: named[name].grad.flatten().tolist() for name in asked["gradients"]}
    return out


print(json.dumps({"float64": outputs(torch.float64), "float32": outputs(torch.float32)}))
