package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/internal/turns"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
)

// The ways to treat a text that is longer than a model reads, in training and in use,
// besides problem.Joins.
const (
	cut     = "cut"
	windows = "windows"
)

// stride is how many tokens a window shares with the one before.
const stride = 32

// geometric is how many of 64 word-vectors each encoder of six keeps: four tenths of a
// dense encoder's multiply-adds.
var geometric = []int{42, 29, 19, 12, 8, 8}

// A trial trains all models with a seed and has them read long reviews.
type trial struct {
	file  string // the experiment
	out   string // folder of run directories and reviews
	seed  int
	texts *data.Set // to read
	rows  []*Row
	known []*Row // that are recorded
}

// pairs are the models: how many tokens they take in, and what they learn from. Few of
// IMDB's reviews are longer than 512, so none learns from windows of that.
var pairs = []struct {
	length  int
	learned string
}{{long, cut}, {long / 2, cut}, {long / 2, windows}}

// train makes the rows of all models, dense and eliminating, and has them recorded model by
// model.
func (t *trial) train(ctx context.Context, record func() error) error {
	for _, p := range pairs {
		if err := t.pair(ctx, p.length, p.learned, record); err != nil {
			return err
		}
	}
	return nil
}

// pair makes the rows of a dense model and of the one that is retrained from it.
func (t *trial) pair(ctx context.Context, length int, learned string, record func() error) error {
	e, err := t.experiment(length, learned)
	if err != nil {
		return err
	}
	if t.texts, err = t.load(e); err != nil {
		return err
	}
	o := pipeline.Options{Dir: t.dir(length, learned), Resume: true, Again: pipeline.SameCommand, Log: logger}
	for _, stage := range []func(context.Context, *configs.Experiment, pipeline.Options) (*rundir.Result, error){pipeline.Finetune, pipeline.Retrain} {
		result, err := stage(ctx, e, o)
		if err != nil {
			return err
		}
		if err := t.read(ctx, Row{Seed: t.seed, Length: length, Learned: learned, Stage: result.Stage, Trained: result.Seconds}); err != nil {
			return err
		}
		if err := record(); err != nil {
			return err
		}
	}
	return nil
}

// dir is the run directory of a pair.
func (t *trial) dir(length int, learned string) string {
	return filepath.Join(t.out, fmt.Sprintf("%s-%d-%d", learned, length, t.seed))
}

// load reads the texts to read, as an experiment reads its dev set.
func (t *trial) load(e *configs.Experiment) (*data.Set, error) {
	from := e.Source()
	from.Dev = filepath.Join(t.out, readFile)
	sets, err := data.Load(from)
	if err != nil {
		return nil, err
	}
	return sets.Dev, nil
}

// experiment reads the experiment of a pair.
func (t *trial) experiment(length int, learned string) (*configs.Experiment, error) {
	keep := make([]int, len(geometric))
	for j, n := range geometric {
		keep[j] = n * length / 64
	}
	sets := []string{fmt.Sprintf("seed=%d", t.seed), fmt.Sprintf("data.max_length=%d", length), "retrain.retention=[" + strings.ReplaceAll(text.List(keep), " ", ",") + "]"}
	if learned == windows {
		sets = append(sets, "data.window.join="+problem.JoinMean, fmt.Sprintf("data.window.stride=%d", stride))
	}
	return configs.Load(t.file, sets)
}

// read makes the rows of a model, one for each way to read: one that learned from windows
// does not cut. What is recorded is not read again.
func (t *trial) read(ctx context.Context, of Row) error {
	before := len(t.rows)
	for _, r := range t.known {
		if r.Seed == of.Seed && r.Length == of.Length && r.Learned == of.Learned && r.Stage == of.Stage {
			t.rows = append(t.rows, r)
		}
	}
	if len(t.rows) > before {
		return nil
	}
	m, err := infer.Open(t.model(&of), of.Length)
	if err != nil {
		return err
	}
	m.Config.Window = nil
	if of.Learned == cut {
		if err := t.say(ctx, of, m, cut); err != nil {
			return err
		}
	}
	return t.say(ctx, of, m, problem.Joins...)
}

// model is the directory of a row's model.
func (t *trial) model(r *Row) string {
	return string(rundir.Stage(t.dir(r.Length, r.Learned), r.Stage))
}

// say makes the rows of ways that run the same sequences.
func (t *trial) say(ctx context.Context, of Row, m *infer.Model, ways ...string) error {
	examples := data.EncodeAs(t.texts, m.Tokenizer, of.Length, window(&of, ways[0]))
	sequences, whose := data.Apart(examples)
	pass, err := m.Run(ctx, sequences, 0, runtime.NumCPU())
	if err != nil {
		return err
	}
	of.MACs, of.Windows = m.Cost(examples, 0), float64(len(sequences))/float64(len(examples))
	for _, way := range ways {
		row := of
		row.Read = way
		for _, logits := range predict.Join(window(&of, way), pass.Outputs.Kind, pass.Outputs.Logits, whose) {
			row.Said = append(row.Said, kernel.Largest(logits))
		}
		logger.Info("row", "row", row.name(), "seed", row.Seed, "accuracy", row.accuracy(t.truth()), "macs", row.MACs)
		t.rows = append(t.rows, &row)
	}
	return nil
}

// window is how a row's model divides texts; nil: it cuts them.
func window(r *Row, way string) *problem.Window {
	if way == cut {
		return nil
	}
	return &problem.Window{MaxLength: r.Length, Stride: stride, Join: way}
}

// truth are the labels of the texts.
func (t *trial) truth() []int {
	labels := make([]int, len(t.texts.Examples))
	for i := range labels {
		labels[i] = t.texts.Examples[i].Label
	}
	return labels
}

// time has the models take turns with some texts, one text after the other on a core
// each, from word-pieces to the label. Joining by the mean or by the largest takes as long.
func (t *trial) time(ctx context.Context, texts, rounds int) error {
	var ways []turns.Way
	var rows []*Row
	for _, r := range t.rows {
		if r.Read == problem.JoinMax {
			continue
		}
		way, err := t.timed(ctx, r, texts)
		if err != nil {
			return err
		}
		ways, rows = append(ways, way), append(rows, r)
	}
	took, err := turns.Take(ctx, turns.Rounds(rounds), ways)
	if err != nil {
		return err
	}
	for i, r := range rows {
		ms := make([]float64, rounds)
		for k, s := range took[i] {
			ms[k] = 1e3 * s / float64(texts)
		}
		of := metric.RangeOf(ms)
		r.Milliseconds = &of
	}
	return nil
}

// timed is the way of a row's model with the first texts.
func (t *trial) timed(ctx context.Context, r *Row, texts int) (turns.Way, error) {
	m, err := infer.Open(t.model(r), r.Length)
	if err != nil {
		return nil, err
	}
	m.Config.Window = window(r, r.Read)
	examples := data.EncodeAs(t.texts, m.Tokenizer, r.Length, m.Config.Window)[:texts]
	return turns.Seconds(func(int) error {
		for i := range examples {
			if _, err := m.Run(ctx, examples[i:i+1], 0, 1); err != nil {
				return err
			}
		}
		return nil
	}), nil
}
