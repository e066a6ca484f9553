"""Prints what huggingface_hub reads from the front matter of a model card.

    python card.py README.md        # huggingface_hub 2.4
"""
import sys

from huggingface_hub import ModelCard

d = ModelCard.load(sys.argv[1]).data
print(d.language, d.license, d.library_name, d.pipeline_tag, d.tags, d.base_model, d.datasets, d.metrics)
for r in d.eval_results:
    print(d.model_name, r.task_type, r.dataset_type, r.dataset_name, r.dataset_split, r.metric_type, r.metric_value)
