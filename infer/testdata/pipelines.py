"""What pipelines make of texts: transformers' of a directory, and optimum's of an exported folder where it is installed.

Reads {"dir": DIR, "folder": FOLDER, "texts": [...], "pairs": [[...], ...]} from standard input and prints as JSON, by
library, the probabilities of each text, in the order of the labels, and then of each pair.
"""
import importlib.util
import json
import sys

import torch
import transformers as t

t.logging.set_verbosity_error()
torch.set_num_threads(1)
asked = json.load(sys.stdin)


def probabilities(model, tokenizer):
    classify = t.pipeline("text-classification", model=model, tokenizer=tokenizer, top_k=None, device=-1)
    given = asked["texts"] + [{"text": a, "text_pair": b} for a, b in asked["pairs"]]
    labels = model.config.label2id
    answers = []
    for one in given:
        answer = classify([one], truncation=True)[0]
        answers.append([a["score"] for a in sorted(answer, key=lambda a: labels[a["label"]])])
    return answers


trusted = {"trust_remote_code": True}
said = {"transformers": probabilities(
    t.AutoModelForSequenceClassification.from_pretrained(asked["dir"], **trusted), t.AutoTokenizer.from_pretrained(asked["dir"], **trusted))}
if importlib.util.find_spec("optimum"):
    from optimum.onnxruntime import ORTModelForSequenceClassification

    said["optimum"] = probabilities(ORTModelForSequenceClassification.from_pretrained(asked["folder"]), t.AutoTokenizer.from_pretrained(asked["folder"]))
print(json.dumps(said))
