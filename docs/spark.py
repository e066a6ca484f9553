"""Predicts a column of texts with Spark: each partition goes through `train predict`, which
every worker has, as has it the model.

    spark-submit docs/spark.py MODEL IN OUT TEXT ID

IN and OUT are folders of Parquet; OUT has the columns ID, label and probabilities. A task
takes the cores that spark.task.cpus gives it.
"""

import os
import shlex
import sys

from pyspark.sql import SparkSession

model, source, target, text, key = sys.argv[1:]
spark = SparkSession.builder.appName("powerbert").getOrCreate()
rows = spark.read.parquet(source).select(key, text).fillna("", [text])
command = ["train", "predict", model, "--format", "jsonl", "--text", text, "--keep", key]
cores = spark.sparkContext.getConf().get("spark.task.cpus", "1")
said = rows.toJSON().pipe(shlex.join(command), env=dict(os.environ, GOMAXPROCS=cores), checkCode=True)
spark.read.json(said).write.parquet(target)
