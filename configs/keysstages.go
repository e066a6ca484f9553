package configs

import "github.com/powerbert/powerbert/retention"

// stageEntries are of what stages have in common. batch_size × accumulate examples make
// one optimiser step.
var stageEntries = []entry{
	{key: "STAGE.epochs", allowed: from(1), meaning: "Passes over the training examples.", source: "3 to 5",
		change: "Upward where the best epoch is the last one; with few examples."},
	{key: "STAGE.steps", allowed: from(0), meaning: "Optimiser steps at which the stage ends, in place of the epochs; 0 is as these say.", change: "For a short trial, or a budget of time."},
	{key: "STAGE.min_steps", allowed: from(0), meaning: "Optimiser steps at least: more epochs follow where the data is small, so that the weights, and the r of a search, have the way to travel.", source: "none; 20 epochs of few examples in Mosbach et al. 2021"},
	{key: "STAGE.batch_size", allowed: from(1), meaning: "Examples that pass the network together.", source: "16 to 64, by task", change: "Downward where memory is short; accumulate makes up for it."},
	{key: "STAGE.accumulate", allowed: from(1), meaning: "Batches whose gradients are summed for one optimiser step."},
	{key: "STAGE.lr", allowed: above(0), meaning: "Peak learning rate of the weights.", source: "2e-5 to 6e-5, for BERT-base",
		change: "Upward from random weights or with a small encoder, to 1e-4 or 1e-3; downward where the loss jumps."},
	{key: "STAGE.warmup", allowed: from(0).below(1), meaning: "Part of all steps in which the learning rate rises.", source: "0.1"},
	{key: "STAGE.weight_decay", allowed: from(0), meaning: "Decoupled weight decay of AdamW; spares LayerNorm and biases, and r.", source: "0", change: "0.01 is usual for BERT."},
	{key: "STAGE.clip", allowed: from(0), meaning: "Largest norm of the gradient of the weights; 0 is none. r has no part in it.", source: "none", change: "1 where the loss jumps."},
	{key: "STAGE.eps", allowed: above(0), meaning: "Epsilon of Adam.", source: "1e-7 in the authors' code"},
	{key: "STAGE.schedule", allowed: oneOf(ScheduleLinear, ScheduleIBM), meaning: "Learning rate after the warm-up: linear falls to 0 from the peak, ibm is times 1 − t/T from then on.", source: "ibm is the authors' code."},
}

// finetuneEntries are of how stage 1 ends and what learns in it.
var finetuneEntries = []entry{
	{key: "finetune.patience", allowed: from(0), meaning: "Epochs in a row without a better metric on the rows that choose, after which stage 1 ends; 0 runs all epochs. The best epoch is kept either way, and the learning rate falls as for all epochs.",
		change: "With many epochs, when it is not known how many are enough."},
	{key: "finetune.layer_decay", allowed: above(0).upTo(1), meaning: "Learning rate of each encoder over that of the next: the head has finetune.lr, the last of L encoders times layer_decay, the embeddings times layer_decay to the power of L+1. 1 is the same for all.",
		source: "0.8 to 0.9 in ELECTRA; 0.95 in Sun et al. 2019", change: "Down to 0.8 with little data and a large pretrained encoder."},
	{key: "finetune.freeze", allowed: from(0), meaning: "Encoders, from the first, that do not learn in stage 1, nor do the embeddings then; 0 freezes nothing, all encoders leave the head alone. Those of an ALBERT, which share their weights, are all frozen or none.",
		change: "With little data or time: what is frozen needs no backward pass."},
}

// labelEntries are of how labels count.
var labelEntries = []entry{
	{key: "finetune.class_weights", meaning: "How much each label counts in the cross-entropy of all stages and students: balanced is n/(C·n_label), a mapping names weights by label, others count 1. The mean is over the weights, as in PyTorch's CrossEntropyLoss. With multi_label it is how much having a label counts, balanced as rows without it to rows with it, as pos_weight of PyTorch's BCEWithLogitsLoss.",
		change: "Where labels are unequally frequent and the rare ones matter; see their recall in `train eval`. Probabilities are then no longer those of the data."},
	{key: "finetune.label_smoothing", allowed: from(0).upTo(1), meaning: "Share of each label that is spread over all labels, or with multi_label over having it and not, in the cross-entropy of all stages and students; 0 is none.",
		source: "0.1 in Szegedy et al. 2016", change: "0.1 where labels are noisy, or probabilities too sure."},
	{key: "finetune.sampling", allowed: oneOf(SampleEach, SampleBalanced), meaning: "Which examples an epoch of all stages and students sees: each once, or as many, drawn so that every label comes as often; with multi_label texts without labels are a group of their own.",
		change: "balanced where labels are unequally frequent, in place of class_weights: rare examples then come several times an epoch."},
}

// pretrainEntries are of masked-language modelling.
var pretrainEntries = []entry{
	{key: "pretrain.texts", meaning: "Files of text to learn from before the stages, or tables with a column of it; gzip is read as it is. Without any there is no pretraining."},
	{key: "pretrain.column", meaning: "Text column of the tables among them."},
	{key: "pretrain.documents", allowed: oneOf(DocumentLines, DocumentBlankLines), meaning: "Of plain text, a document is a line, or what stands between blank lines."},
	{key: "pretrain.max_length", allowed: from(8), meaning: "Tokens of a sequence, with [CLS] and [SEP].", source: "128, then 512, in BERT"},
	{key: "pretrain.mask", allowed: above(0).below(1), meaning: "Part of the tokens that are to be guessed.", source: "0.15 (Devlin et al. 2019)"},
	{key: "pretrain.held_out", allowed: above(0).below(1), meaning: "Part of the documents that perplexity is measured on."},
	{key: "pretrain.evaluate_every", allowed: from(0), meaning: "Optimiser steps between two evaluations; 0 is one per epoch."},
	{key: "pretrain.stack", meaning: "Encoders to begin with, each number a divisor of the next and of encoder.layers: the network grows by stacking."},
	{key: "pretrain.stack_share", allowed: above(0).below(1), meaning: "Part of all steps that each of these takes; together less than 1."},
}

// searchEntries are of the search.
func searchEntries() []entry {
	return []entry{
		{key: "search.lr_r", allowed: above(0), meaning: "Peak learning rate of r; auto is as the steps let r travel twice the way from 1 to 0.", source: "1e-4 to 3e-3, by task",
			change: "Upward where a search says that r could not travel far enough."},
		{key: "search.lambda", allowed: from(0), meaning: "λ, weight of Σ_j j·mass(j; r) in the loss. It is not divided by N or L, so the same λ asks for more of a longer input.", source: "Equation 1; 1e-4 to 1e-2",
			change: "Upward for fewer word-vectors; or ask for a price or a quality instead, with target or max_drop."},
		{key: "search.ranks", allowed: oneOf(retention.RanksRelative, retention.RanksAbsolute), meaning: "What ranks refer to: an input's real length, or the rank itself.", source: "absolute",
			change: "absolute to reproduce the paper: it hardly shortens short inputs."},
		{key: "search.score", allowed: oneOf(retention.Scores...), meaning: "What makes a word-vector significant: the attention that it receives, or the same times the norm of its value, head by head.", source: "attention (section 3.2)"},
		{key: "search.pad_queries_vote", meaning: "Let padding have a say in what is significant; needs data.pad, which follows it.", source: "the authors' code", change: "Only to reproduce it."},
		{key: "search.subtract_diagonal", meaning: "Leave what a word-vector attends to itself out of its significance.", source: "the authors' code"},
		{key: "search.protect_cls", meaning: "Give [CLS] the first rank in the search, as it has in use.", source: "not in the paper"},
		{key: "search.dead_last", meaning: "Rank what the r of an earlier encoder left next to nothing of behind all others.", source: "not in the paper"},
		{key: "search.rounding", allowed: oneOf(retention.RoundingCeil, retention.RoundingFloor), meaning: "How a mass becomes a count of word-vectors.", source: "ceil; floor in the authors' code"},
		{key: "*.distil.alpha", allowed: from(0).upTo(1), meaning: "Share of the soft targets of stage 1's model in the loss; 0 is none. Of scores, of its squared errors.", source: "none in the paper", change: "0 saves the teacher's time, which is one pass over the examples."},
		{key: "*.distil.temperature", allowed: above(0), meaning: "Temperature of the soft targets and of the student's; scores have none.", source: "2 in DistilBERT"},
		{key: "*.distil.cls", allowed: from(0), meaning: "β, weight of the distance of normalised [CLS] states of the encoders before the last from the teacher's; 0 is none.", source: "10 to 1000 in BERT-PKD (Sun et al. 2019, equation 7)"},
		{key: "search.target", allowed: from(0).below(1), meaning: "A price: the part of the multiply-adds that dense BERT executes on dev, unpadded. 0 asks for none.", source: "not in the paper", change: "When the time of an answer is given: 0.5 is about twice as fast."},
		{key: "search.max_drop", allowed: from(0), meaning: "A quality: points of the metric that may be lost to stage 1, for the lowest price; none says nothing. Where neither λ nor a goal is given it is 1.", source: "The paper loses less than 1.", change: "When the quality is given."},
		{key: "search.latency.ms", allowed: from(0), meaning: "A price in time: milliseconds that a batch may take on this machine, on all its cores; each candidate is measured. 0 asks for none.", source: "not in the paper", change: "When an answer has to come within a time, on a machine like this one."},
		{key: "search.latency.batch", allowed: from(1), meaning: "Examples of that batch."},
		{key: "search.latency.length", allowed: from(0), meaning: "Tokens of each of them; 0 is the mean of dev."},
		{key: "search.candidates", meaning: "What competes for a price or a quality: geometric, narrow (all encoders with the feed-forward neurons that count most, as many as the price leaves), learned (which searches first, as for a λ), and students as METHOD-LAYERS. By default the first two and the students of about that price."},
	}
}

// retrainEntries are of what hard extraction keeps.
func retrainEntries() []entry {
	return []entry{
		{key: "retrain.strategy", allowed: oneOf(retention.Strategies...), meaning: "The word-vectors that an encoder keeps: those that receive most attention, random positions, or the first.", source: "Attn-WS, Rand-WS, Head-WS (section 3.2)", change: "To compare: attention is the method."},
		{key: "retrain.score", allowed: oneOf(append([]string{""}, retention.Scores...)...), meaning: `What makes a word-vector significant; "" is as search.score says.`},
		{key: "retrain.retention", meaning: "Word-vectors that each encoder keeps, never rising, by search.ranks. By default what the search found; with it there is no search.", source: "The paper prints that of RTE.", change: "To train a list that is known already."},
		{key: "retrain.student", meaning: "METHOD-LAYERS, as distilbert-6: begin with so many of stage 1's encoders, those that the method begins with; or narrow-NEURONS: begin with all encoders and so many feed-forward neurons of each, those that count most. By default all; with it there is no search."},
		{key: "retrain.budgets", meaning: "Train one model for several prices: shares of the multiply-adds that dense BERT executes on dev, unpadded, each above 0 and 1 at most. Their lists are nested, of the kind that the search chose; each step trains the largest, the smallest and one between, and the mean of the metric over all chooses the epoch. Of several, stage 3 takes twice retrain.epochs and retrain.min_steps. With neither a goal nor a λ search.target is the largest below 1.",
			source: "Not in the paper; LengthDrop (Kim and Cho 2021), slimmable networks (Yu and Huang 2019)", change: "When one model is to serve fast and slow answers: --budget of whatever uses it."},
	}
}

// studentEntries are of the paper's baselines.
var studentEntries = []entry{
	{key: "distil.distilbert.hard", allowed: from(0), meaning: "Weight of the labels' cross-entropy.", source: "2 (Sanh et al. 2019)"},
	{key: "distil.distilbert.soft", allowed: above(0), meaning: "Weight of the teacher's soft targets.", source: "5 (Sanh et al. 2019)"},
	{key: "distil.distilbert.cosine", allowed: from(0), meaning: "Weight of the distance of the last encoder's word-vectors from the teacher's.", source: "1 (Sanh et al. 2019)"},
	{key: "distil.distilbert.temperature", allowed: above(0), meaning: "Temperature of the soft targets.", source: "2 (Sanh et al. 2019)"},
	{key: "distil.pkd.alpha", allowed: from(0).upTo(1), meaning: "Share of the soft targets; the labels have the rest.", source: "0.2 to 0.7 (Sun et al. 2019)"},
	{key: "distil.pkd.beta", allowed: from(0), meaning: "Weight of the normalised [CLS] states of the encoders before the last.", source: "10 to 1000 (Sun et al. 2019)"},
	{key: "distil.pkd.temperature", allowed: above(0), meaning: "Temperature of the soft targets.", source: "5, 10 or 20 (Sun et al. 2019)"},
}
