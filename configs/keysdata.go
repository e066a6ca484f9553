package configs

import (
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
)

// entries are those of all keys.
func entries() []entry {
	return slices.Concat(topEntries(), encoderEntries(), dataEntries, stageEntries, finetuneEntries, labelEntries, pretrainEntries, searchEntries(), retrainEntries(), studentEntries)
}

// topEntries are of what stands in no section, and of the vocabulary.
func topEntries() []entry {
	return []entry{
		{key: "name", meaning: "Names the run directory, runs/NAME; by default the name of the file.",
			change: "When two experiments would share a directory; --out takes any path."},
		{key: "seed", allowed: anySeed, meaning: "Decides random weights, the order of the data and dropout.",
			change: "To see the spread: compare three seeds or more before a difference is believed."},
		{key: "workers", allowed: from(0).upTo(maxWorkers), meaning: "Replicas of the network that share each batch; 0 is one per core. The same number repeats a run bit for bit.",
			change: "On a machine that others use, or with little memory: each replica has its own activations."},
		{key: "precision", allowed: oneOf(string(kernel.Float32), string(kernel.BF16)), meaning: "What the three products of every linear layer read in training: inputs, weights and gradients as they are, or rounded to bfloat16. Sums, weights, their updates, attention, norms and the loss are float32 in both, and so are evaluations and the model.",
			change: "bf16 on processors that have AVX512_BF16, as Zen 4 and Sapphire Rapids: a step of a BERT-base takes about half of the time, of a small one 0.6. On others it is much slower, which a run says."},
		{key: "compat", allowed: oneOf("", CompatPaper, CompatIBM), meaning: "A preset: paper is the protocol of the paper, ibm the choices of its authors' code. Keys that are given win over it.",
			source: "Goyal et al. 2020; IBM/PoWER-BERT", change: "To reproduce published figures; the defaults have moved on since."},
		{key: "model", meaning: "A pretrained encoder: a Hugging Face directory, or NAME or NAME@REVISION at the hub. Without one, random weights of the shape of encoder.",
			source: "The paper begins with BERT-base.", change: "For real data, nearly always; random weights need much more of it."},
		{key: "tokenizer.vocab", meaning: "vocab.txt, tokenizer.json, spiece.model, or a folder or a model at the hub with one. By default the model's, or the demo task's own.",
			change: "Without a model, to say what random weights read."},
		{key: "tokenizer.lowercase", meaning: "Lower-case the text, for a vocab.txt or spiece.model without tokenizer_config.json; other forms say so themselves.",
			change: "With a cased vocabulary."},
		{key: "card.license", meaning: "License of the models, as the hub names it, for the README.md of their directories: apache-2.0, mit, cc-by-4.0.", change: "Before a model is given away: data and the pretrained model may ask for one."},
		{key: "card.language", meaning: "Languages of the texts, as ISO codes; of published tasks [en] by default."},
		{key: "card.datasets", meaning: "Datasets at the hub that the models learned from; of published tasks theirs by default."},
		{key: "quantize", meaning: "After the stages, make int8 models of the first and the last and hold them against float32.",
			change: "When the model is to run on CPUs: a fourth of the size, and about three times as fast."},
		{key: "log_every", allowed: from(1), meaning: "Optimiser steps between two lines of metrics.jsonl.", change: "Upward in long runs."},
		{key: "tensorboard", meaning: "Write what metrics.jsonl holds as event files of TensorBoard, too, into each stage's directory: losses, learning rates, the dev metric, masses.",
			change: "To watch runs in a browser: tensorboard --logdir runs."},
		{key: "checkpoint_every", allowed: from(0), meaning: "Optimiser steps between two checkpoints; 0 is one per epoch.",
			change: "Where an epoch takes longer than one would like to lose."},
	}
}

// encoderEntries are of the shape of random weights.
func encoderEntries() []entry {
	return []entry{
		{key: "encoder.type", allowed: oneOf(arch.Types()...), meaning: "Family of the encoder, as model_type of transformers. An albert's encoders share their weights.",
			source: "Table 1 has BERT, table 2 ALBERT."},
		{key: "encoder.layers", allowed: from(1).upTo(1024), meaning: "L, encoders.", source: "12"},
		{key: "encoder.embedding", allowed: from(0).upTo(largest), meaning: "E of a family whose embeddings are mapped to the encoder's width; 0 in the others. By default the family's.", source: "128 in ALBERT"},
		{key: "encoder.hidden", allowed: from(1).upTo(largest), meaning: "H, width of a word-vector; a multiple of heads.", source: "768",
			change: "Upward with more data: memory and time go with its square."},
		{key: "encoder.heads", allowed: from(1), meaning: "A, attention heads; a divisor of hidden.", source: "12"},
		{key: "encoder.intermediate", allowed: from(1).upTo(largest), meaning: "F, width of the feed-forward part.", source: "3072, four times H"},
		{key: "encoder.positions", allowed: from(1).upTo(largest), meaning: "Longest input that positions take; at least data.max_length and pretrain.max_length.", source: "512"},
		{key: "encoder.init", allowed: oneOf(InitNormal, InitLocal), meaning: "Random weights: normal as transformers draws them, or local, with attention that begins at neighbours.",
			change: "local for a small bert that is pretrained: it gets off the plateau sooner."},
		{key: "encoder.dropout", allowed: from(0).below(1), meaning: "Dropout of embeddings, hidden rows and the pooled vector, in training; with a model it replaces that of config.json.", source: "0.1",
			change: "Upward where the loss on the training set falls and that on dev rises."},
		{key: "encoder.attention_dropout", allowed: from(0).below(1), meaning: "Dropout of attention probabilities, in training. Word-vectors are scored before it.", source: "0.1; 0 in the authors' code"},
	}
}

// dataEntries are of the task and its files.
var dataEntries = []entry{
	{key: "data.task", allowed: oneOf(tasks()...), meaning: "The task: a published one, table for a file of one's own, or demo, which the program makes. An experiment that only pretrains has none.", source: "Table 1 has all published ones."},
	{key: "data.dir", meaning: "Folder of the task as it is distributed; relative files are in it."},
	{key: "data.train", meaning: "Training file, or a list of files and patterns as *.csv; by default the task's own. A table needs it. A relative path is meant from data.dir, else from the working directory, or, where nothing is there, from the folder of the experiment's file."},
	{key: "data.dev", meaning: "Dev file, or a list of files and patterns; by default the task's own, or a tenth of the training file: of a table drawn of each label by split_seed, else the last by hash of the text."},
	{key: "data.unlabelled", meaning: "File of texts without labels, or a list of files and patterns, from which stage 3 and students learn what stage 1's model says of them, beside the training examples: in the columns of the training file, of which a label's is not read (all of them where files have no header line), or a text a line where neither the name nor data.format or data.delimiter tells a table. What is among the examples, too, is left out.",
		source: "none in the paper; Turc et al. 2019 for students.", change: "Wherever there are more texts than labels, as in a log: it is what loses least at a price. Passes over the examples take longer by as much."},
	{key: "data.held_out", allowed: from(0).below(0.5), meaning: "Part of the training examples, of each label, that no stage learns. They choose epochs and candidates, so that dev is scored once; with 0 dev chooses.",
		source: "The paper lets dev choose.", change: "Down to 0 with a few hundred examples, where every one counts; then the score on dev flatters."},
	{key: "data.together", allowed: oneOf(data.TogetherAuto, data.TogetherNear, data.TogetherEqual), meaning: "What is never parted where dev, held-out rows or folds are taken out of the training examples: equal texts, or near ones, too: a text of three words or more, those that have four fifths of its runs of three words, and all that are near to these. auto is near for a table, unless a part would then have less than half of the rows that equal leaves it, in all or of a label with five or more, and equal for a published task.",
		source: "none in the paper.", change: "equal where parts, copies or versions of texts that were learned come in use, too: a model remembers them."},
	{key: "data.fold", meaning: "K/N: dev is the K-th of N folds of the training examples, each label spread evenly over them by split_seed and what belongs together (together) in one, and the dev set that there is is not read.",
		change: "By train cv, for cross-validation."},
	{key: "data.split_seed", allowed: anySeed, meaning: "Decides what is taken out of the training examples.", change: "Never within a comparison of seeds."},
	{key: "data.format", allowed: oneOf("", data.CSV, data.TSV, data.JSONL, data.JSON, data.Parquet), meaning: "csv, tsv, jsonl, json (an array of objects, or objects one after another) or parquet, of a table; by default CSV with a delimiter, and else as the file's suffix says.", change: "Where the suffix says nothing, or something else."},
	{key: "data.text", meaning: "One or two text columns of a table; two are a pair. Of JSON and Parquet review.body is a field of a field, too."},
	{key: "data.label", meaning: "Label column of a table. A list of columns is a label for each, which a row has (1, true) or not (0, false), or with a metric of scores a score for each."},
	{key: "data.multi_label", meaning: "A text of a table may have several labels, or none: the label column holds a list, a JSON array or what label_separator parts, or there is a column per label. Follows from a separator, several columns, and a metric of several labels.",
		change: "true for a column of arrays in JSON or Parquet."},
	{key: "data.label_separator", meaning: "What stands between the labels of a cell, as ; or |; by default a cell is a JSON array."},
	{key: "data.header", meaning: "Column names of CSV and TSV files that have no header line; by default their first line is one."},
	{key: "data.delimiter", meaning: "What separates columns, in files that are otherwise CSV, or with format tsv; by default the format's own.", change: "For semicolons or bars, as spreadsheets write them."},
	{key: "data.labels", meaning: "Labels in the order of their ids; by default collected from the training file, sorted. {word: name} goes from what stands in the file to names.", change: "To fix the ids, to name them, or to refuse labels that are slips."},
	{key: "data.words", meaning: "What stands in the files for each of labels; by default the labels themselves.", change: "Not by hand: a map as labels fills it in."},
	{key: "data.metric", allowed: oneOf(append([]string{""}, problem.Metrics...)...).orAfter(problem.F1Of),
		meaning: "What epochs are chosen by and reports show; by default the task's own, or accuracy, or with multi_label micro_f1. f1 is of the second of two labels, f1@LABEL of the one that it names. micro_f1, sample_f1 and map (the mean average precision) are of multi_label, whose accuracy is the share of texts with all labels right, and whose thresholds are tuned on the rows that choose. spearman and pearson make the labels of a table scores.", source: "Table 1 says it of each task.",
		change: "macro_f1 or matthews where labels are unequally frequent: accuracy is content with the frequent one; f1@LABEL where one label is what it is about."},
	{key: "data.max_length", allowed: from(3), meaning: "N, tokens that inputs are cut to, with [CLS] and [SEP].", source: "64 to 512, by task",
		change: "See `train data`: it tells how many inputs are cut. Memory and time go with the length that is there."},
	{key: "data.window.join", allowed: oneOf(append([]string{""}, problem.Joins...)...), meaning: "Divide texts that are longer than max_length into windows of it, and say of a text the mean, or the largest, of its windows' probabilities, or scores; by default long texts are cut. In training each window has the label of its text.",
		change: "mean for documents; max where one place in a long text decides. Time goes with the number of windows, each at what survives of it."},
	{key: "data.window.stride", allowed: from(0), meaning: "Tokens that a window shares with the one before it, as stride of Hugging Face's tokenizers; less than max_length by 3 or more.", change: "Upward where what decides may lie on an edge."},
	{key: "data.pad", meaning: "Pad every input to max_length.", source: "The paper pads.", change: "Only to reproduce published times: padding costs and tells nothing."},
	{key: "data.on_malformed", allowed: oneOf(StopMalformed, SkipMalformed), meaning: "At a malformed row: stop, or skip it and count."},
	{key: "data.strict", meaning: "Stop before stage 1 where `train data` finds something in the data, and not only log it.", change: "In runs that nobody watches."},
	{key: "data.demo.train", allowed: from(0).upTo(maxDemo), meaning: "Training examples of the demo task; 0 is its own number."},
	{key: "data.demo.dev", allowed: from(0).upTo(maxDemo), meaning: "Dev examples of the demo task; 0 is its own number."},
}
