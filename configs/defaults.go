package configs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// defaults is what holds where nothing is said: the paper's choices but for the least steps
// of stages and what the search's ranks refer to, rows that choose, no weight decay, no
// clipping, and the encoder of the recipes for random weights.
func defaults() Experiment {
	stage := Stage{
		Epochs: 3, MinSteps: 200, BatchSize: 32, Accumulate: 1, LR: 3e-5,
		Warmup: 0.1, Eps: 1e-8, Schedule: ScheduleLinear,
	}
	smaller := stage // of what makes a smaller model of stage 1's
	smaller.MinSteps = 500
	return Experiment{
		Seed: 1, Precision: kernel.Float32,
		Encoder: Encoder{
			Type: arch.BERT, Layers: 12, Hidden: 128, Heads: 2, Intermediate: 512, Positions: 512,
			Init: InitNormal, Dropout: 0.1, AttentionDropout: 0.1,
		},
		Tokenizer: Tokenizer{Lowercase: true},
		Data:      Data{MaxLength: 64, HeldOut: 0.1, SplitSeed: 1, Together: data.TogetherAuto, OnMalformed: StopMalformed},
		Pretrain: Pretrain{
			Stage: Stage{Epochs: 10, BatchSize: 64, Accumulate: 1, LR: 1e-3, Warmup: 0.05, WeightDecay: 0.01, Clip: 1,
				Eps: 1e-6, Schedule: ScheduleLinear},
			Column: "text", Documents: DocumentLines, MaxLength: 128, Mask: 0.15, HeldOut: 0.01, StackShare: 0.2,
		},
		Finetune: Finetune{Stage: stage, LayerDecay: 1, Sampling: SampleEach},
		Search: Search{
			Stage: smaller, LRr: Auto, Lambda: 2e-4,
			Ranks: retention.RanksRelative, Score: retention.ScoreValue, DeadLast: true, Rounding: retention.RoundingCeil, MaxDrop: NoPoints, Latency: Latency{Batch: 1},
			Distil: Distil{Temperature: 2},
		},
		Retrain: Retrain{Stage: smaller, Strategy: retention.StrategyAttention, Distil: Distil{Alpha: 0.5, Temperature: 2}},
		Students: Students{Stage: smaller,
			DistilBERT: DistilBERT{Hard: 2, Soft: 5, Cosine: 1, Temperature: 2},
			PKD:        PKD{Alpha: 0.5, Beta: 100, Temperature: 10},
		},
		LogEvery: 20,
	}
}

// Renewed are the keys whose defaults have moved on; compat: paper has the former ones.
var Renewed = []string{"data.held_out", "data.together", "finetune.min_steps", "search.min_steps", "retrain.min_steps", "distil.min_steps", "search.lr_r", "search.ranks", "search.score", "search.dead_last", "retrain.distil.alpha"}

// Departures lists the renewed keys with which an experiment departs from the paper's
// protocol, each with its value.
func (e *Experiment) Departures() (list []string) {
	paper := defaults()
	applyPaper(&paper)
	for _, d := range Diff(&paper, e) {
		if slices.Contains(Renewed, d.Key) {
			list = append(list, fmt.Sprintf("%s is %v", d.Key, d.Now))
		}
	}
	return list
}

// presets are what a word of compat puts in the place of defaults.
var presets = map[string]func(*Experiment){CompatPaper: applyPaper, CompatIBM: applyIBM}

// applyPaper sets the paper's protocol, where the defaults have moved on from it: dev
// chooses epochs, ranks are absolute, every stage takes the epochs that it is given, the
// search at the rate of r that was the default, word-vectors are significant by attention alone, also
// where nothing is left of them, and nobody teaches.
func applyPaper(e *Experiment) {
	e.Data.HeldOut, e.Data.Together = 0, data.TogetherEqual
	e.Search.LRr, e.Search.Ranks = 5e-4, retention.RanksAbsolute
	e.endByEpochs()
	e.Search.Score, e.Search.DeadLast = retention.ScoreAttention, false
	e.Retrain.Distil.Alpha = 0
}

// applyIBM sets the choices of the authors' code (IBM/PoWER-BERT) where they
// differ from the paper's. Keys that a file or an override gives still win.
func applyIBM(e *Experiment) {
	applyPaper(e)
	for _, s := range []*Stage{&e.Finetune.Stage, &e.Search.Stage, &e.Retrain.Stage} {
		s.Eps, s.Schedule = 1e-7, ScheduleIBM
	}
	e.Search.PadQueriesVote = true
	e.Search.SubtractDiagonal = true
	e.Search.Rounding = retention.RoundingFloor
	e.Encoder.AttentionDropout = 0
}

// endByEpochs has no stage and no student take more steps than its epochs have.
func (e *Experiment) endByEpochs() {
	for _, s := range []*Stage{&e.Finetune.Stage, &e.Search.Stage, &e.Retrain.Stage, &e.Students.Stage} {
		s.MinSteps = 0
	}
}

// metrics are the published tasks, each with the metric that it is selected and
// reported by (Goyal et al. 2020, table 1).
var metrics = map[string]string{
	data.TaskCoLA: "matthews", data.TaskRTE: "accuracy", data.TaskQQP: "f1", data.TaskMRPC: "f1", data.TaskSST2: "accuracy", data.TaskMNLIm: "accuracy",
	data.TaskMNLImm: "accuracy", data.TaskQNLI: "accuracy", data.TaskSTSB: "spearman", data.TaskIMDB: "accuracy", data.TaskRACE: "accuracy",
}

// settle sets what follows from other keys: what stays together, that texts have several
// labels, and the metric.
func (d *Data) settle() {
	if d.Task != data.TaskTable && d.Together == data.TogetherAuto {
		d.Together = data.TogetherEqual // as published scores are of a task's own sets
	}
	columns := len(d.Label.list()) > 1 && !correlates(d.Metric)
	scored := d.Task == data.TaskTable && problem.OfSeveral(d.Metric)
	d.MultiLabel = d.MultiLabel || columns || scored || d.Separator != ""
	switch {
	case d.Metric != "":
	case d.MultiLabel:
		d.Metric = problem.OfTable(true, false).Metrics()[0]
	default:
		d.Metric = cmp.Or(metrics[d.Task], "accuracy")
	}
}

// correlates tells whether a metric compares scores, not labels.
func correlates(metric string) bool { return metric == "spearman" || metric == "pearson" }

// tasks are the names of all tasks.
func tasks() []string {
	return append(slices.Sorted(maps.Keys(metrics)), data.TaskTable, data.TaskDemo)
}
