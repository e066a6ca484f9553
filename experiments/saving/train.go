package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// A trial trains a task with a seed.
type trial struct {
	Task
	file  string // its experiment
	dir   string // run directory
	keeps bool   // the weights of all rows
	exp   *configs.Experiment
	sets  *data.Sets
}

func newTrial(file, seed, out string) (*trial, error) {
	name := strings.TrimSuffix(filepath.Base(file), ".yaml")
	t := &trial{file: file, dir: filepath.Join(out, name+"-"+seed)}
	t.Name = name
	_, err := fmt.Sscan(seed, &t.Seed)
	return t, err
}

// load reads the experiment, with what a row changes.
func (t *trial) load(sets ...string) (*configs.Experiment, error) {
	return configs.Load(t.file, append([]string{fmt.Sprintf("seed=%d", t.Seed)}, sets...))
}

// options has the stages run in a directory, which the same command goes on with.
func (t *trial) options(dir string) pipeline.Options {
	return pipeline.Options{Dir: dir, Resume: true, Again: pipeline.SameCommand, Log: logger}
}

// train makes all rows: stage 1, the search, the dense encoder, and at each price what
// competes for it; at the middle one also other ways to score a word-vector.
func (t *trial) train(ctx context.Context, prices []float64) error {
	e, err := t.load()
	if err != nil {
		return err
	}
	t.exp = e
	if t.sets, err = data.Load(e.SourceWithTexts()); err != nil {
		return err
	}
	if _, err := pipeline.Finetune(ctx, e, t.options(t.dir)); err != nil {
		return err
	}
	if _, err := pipeline.Search(ctx, e, t.options(t.dir)); err != nil {
		return err
	}
	if err := t.measure(ctx); err != nil {
		return err
	}
	if err := t.baselines(); err != nil {
		return err
	}
	n := e.Data.MaxLength
	layers, err := t.encoders()
	if err != nil {
		return err
	}
	if err := t.given(ctx, longer, slices.Repeat([]int{n}, layers)); err != nil {
		return err
	}
	for _, price := range prices {
		if err := t.compete(ctx, price); err != nil {
			return err
		}
	}
	list := t.row("geometric", prices[len(prices)/2]).Keep
	for _, sets := range [][]string{{"retrain.score=attention"}, {"retrain.strategy=head"}, {"retrain.strategy=random"}} {
		if err := t.given(ctx, "geometric, "+strings.TrimPrefix(sets[0], "retrain."), list, sets...); err != nil {
			return err
		}
	}
	return nil
}

// compete makes the rows of what competes at a price.
func (t *trial) compete(ctx context.Context, price float64) error {
	e, err := t.load(fmt.Sprintf("search.target=%g", price))
	if err != nil {
		return err
	}
	names, err := pipeline.Competitors(ctx, e, t.options(t.dir))
	if err != nil {
		return err
	}
	for _, name := range append([]string{retention.ListLearned}, names...) {
		if err := t.priced(ctx, name, price); err != nil {
			return err
		}
	}
	return nil
}

// encoders is how many stage 1's model has.
func (t *trial) encoders() (int, error) {
	m, err := infer.Open(string(rundir.Stage(t.dir, configs.StageFinetune)), 1)
	if err != nil {
		return 0, err
	}
	return m.Config.NumHiddenLayers, nil
}

// steps lets what has no search train as long as the search and stage 3 together.
func (t *trial) steps(e *configs.Experiment) {
	n := len(t.sets.Train.Examples)
	all := n
	if u := t.sets.Unlabelled; u != nil {
		all += len(u.Examples)
	}
	e.Retrain.Steps = plan.Of(e, configs.StageSearch, n, 0).Total() + plan.Of(e, configs.StageRetrain, all, 0).Total()
}

// priced makes the row of a candidate at a price.
func (t *trial) priced(ctx context.Context, name string, price float64) error {
	if t.row(name, price) != nil {
		return nil
	}
	e, err := t.load(fmt.Sprintf("search.target=%g", price))
	if err != nil {
		return err
	}
	if name != retention.ListLearned {
		t.steps(e)
	}
	p, err := pipeline.RetrainCandidate(ctx, e, t.options(t.dir), name)
	if err != nil {
		return err
	}
	return t.add(ctx, Row{Name: name, Target: price, Keep: p.Keep, Seconds: p.Seconds}, p.Dir)
}

// given makes the row of a list of counts, in a run of its own on the same stage 1.
func (t *trial) given(ctx context.Context, name string, keep []int, sets ...string) error {
	if t.row(name, 0) != nil {
		return nil
	}
	e, err := t.load(append(sets, "retrain.retention=["+strings.ReplaceAll(text.List(keep), " ", ",")+"]")...)
	if err != nil {
		return err
	}
	t.steps(e)
	dir := t.dir + "-" + strings.NewReplacer(" ", "-", ",", "", "=", "-").Replace(name)
	result, err := pipeline.RetrainOn(ctx, e, t.options(dir), t.dir)
	if err != nil {
		return err
	}
	return t.add(ctx, Row{Name: name, Keep: keep, Seconds: result.Seconds}, result.Dir)
}

// measure makes the first row, that of stage 1, and keeps the truth.
func (t *trial) measure(ctx context.Context) error {
	if err := rundir.ReadJSONIfThere(t.rows(), &t.Task); err != nil || len(t.Rows) > 0 {
		return err
	}
	t.Metric = t.exp.Data.Metric
	return t.add(ctx, Row{Name: stage1}, string(rundir.Stage(t.dir, configs.StageFinetune)))
}

// rows is the file that keeps the rows which are made.
func (t *trial) rows() string { return filepath.Join(t.dir, "rows.json") }

// add completes a row from the directory of its model and keeps it; the weights of models
// that nothing is trained from go, unless all are kept.
func (t *trial) add(ctx context.Context, row Row, dir string) error {
	if err := t.say(ctx, &row, dir); err != nil {
		return err
	}
	if err := t.keep(&row); err != nil || row.Name == stage1 || t.keeps {
		return err
	}
	return model.RemoveWeights(dir)
}

// keep adds a row that is complete.
func (t *trial) keep(row *Row) error {
	logger.Info("row", "task", t.Name, "seed", t.Seed, "name", row.Name, "macs", row.MACs, "held_out", row.HeldOut, "dev", row.Dev)
	t.Rows = append(t.Rows, row)
	return rundir.WriteJSON(t.rows(), &t.Task)
}

// say has the model of a directory say what it makes of the held-out rows and of dev.
func (t *trial) say(ctx context.Context, row *Row, dir string) error {
	e := t.exp
	m, err := infer.Open(dir, e.Data.MaxLength)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		set *data.Set
		to  *float64
	}{{t.sets.HeldOut, &row.HeldOut}, {t.sets.Dev, &row.Dev}} {
		examples := data.Encode(part.set, m.Tokenizer, e.Data.MaxLength)
		pass, err := m.Run(ctx, examples, 0, e.Workers)
		if err != nil {
			return err
		}
		if *part.to, _, err = pass.Outputs.Score(e.Data.Metric); err != nil {
			return err
		}
		if part.set == t.sets.Dev {
			row.Said, t.Truth, row.MACs = said(&pass.Outputs), truth(&pass.Outputs), m.Cost(examples, 0)
		}
	}
	return nil
}
