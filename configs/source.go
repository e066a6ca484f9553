package configs

import (
	"cmp"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/problem"
)

// Source is where the experiment's examples are.
func (e *Experiment) Source() data.Source {
	d := e.Data
	fold, folds, _ := d.fold()
	return data.Source{Task: d.Task, Dir: d.Dir, Train: string(d.Train), Dev: string(d.Dev), Format: d.Format, Text: d.Text, Label: string(d.Label), Several: d.MultiLabel, Separator: d.Separator,
		Header: d.Header, Delimiter: d.Delimiter, Labels: d.Labels, Words: d.Words, Scores: correlates(d.Metric), SkipMalformed: d.OnMalformed == SkipMalformed, HeldOut: d.HeldOut, SplitSeed: uint64(d.SplitSeed), Together: d.Together, Fold: fold, Folds: folds,
		Demo: data.DemoSize{Train: d.Demo.Train, Dev: d.Demo.Dev, Seed: uint64(e.Seed)}}
}

// SourceWithTexts is Source with the texts without labels, which training alone needs.
func (e *Experiment) SourceWithTexts() data.Source {
	src := e.Source()
	src.Unlabelled = string(e.Data.Unlabelled)
	return src
}

// Table is no more of an experiment than says how a table of texts of a kind is read and scored,
// or passages in RACE's form where it is of choices.
func Table(kind problem.Kind, text []string, label string) *Experiment {
	e := &Experiment{Data: Data{Task: data.TaskTable, Text: text, Label: Names(label), MultiLabel: kind.Several(), Metric: kind.Metrics()[0]}}
	if kind.Chosen() {
		e.Data.Task = data.TaskRACE
	}
	return e
}

// Columns are those of the texts and of the label that are named, and for what is not the
// experiment's own.
func (d *Data) Columns(text []string, label string) ([]string, Names) {
	if len(text) == 0 {
		text = d.Text
	}
	return text, cmp.Or(Names(label), d.Label)
}

// Window says how the experiment's long texts are divided; nil: they are cut.
func (e *Experiment) Window() *problem.Window {
	if e.Data.Window.Join == "" {
		return nil
	}
	return &problem.Window{MaxLength: e.Data.MaxLength, Stride: e.Data.Window.Stride, Join: e.Data.Window.Join}
}
