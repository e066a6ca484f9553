package pipeline

import (
	"context"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/predict/mistakes"
	"github.com/powerbert/powerbert/problem"
)

// Evaluation is how the model of a stage does on a file.
type Evaluation struct {
	Dir       string           `json:"model"`            // the stage's directory
	Budget    float64          `json:"budget,omitempty"` // of the model, where it has several
	Data      string           `json:"data"`             // the file
	Examples  int              `json:"examples"`         // that were scored
	Skipped   []data.Malformed `json:"skipped"`          // rows that could not be read, where they may be skipped
	Metric    string           `json:"metric"`           // the experiment's
	Value     float64          `json:"value"`
	Also      metric.Scores    `json:"also,omitempty"`      // what else is reported of the task
	Loss      float64          `json:"loss"`                // mean cross-entropy, in nats, or mean squared error of scores
	Seconds   float64          `json:"seconds"`             // the model took for them, reading and tokenizing not counted
	Labels    []string         `json:"labels"`              // in the order of their ids
	F1Of      string           `json:"f1_of,omitempty"`     // the label that the metric is of, where it is of one
	Confusion [][]int          `json:"confusion,omitempty"` // examples by true label (row) and predicted label (column); none of scores, nor of labels by themselves
	Classes   []metric.Class   `json:"classes,omitempty"`   // in the order of Labels; of labels by themselves with the counts of each
	// Means over the labels, and those that are not found in any of their examples, or are
	// never predicted; none of scores.
	Macro          *metric.Macro `json:"macro,omitempty"`
	NotFound       []string      `json:"not_found,omitempty"`
	NeverPredicted []string      `json:"never_predicted,omitempty"`
	Other          *Evaluation   `json:"other,omitempty"` // on the task's second dev set
	// What the mistakes are: labels that are taken for others, the most frequent first, scores
	// by what is asked for, and the examples that are most surely wrong.
	Confused []mistakes.Confused `json:"confused,omitempty"`
	Slices   []mistakes.Slices   `json:"slices,omitempty"`
	Errors   []mistakes.Error    `json:"errors,omitempty"`
	// How far probabilities can be taken at their word, before any temperature and at the
	// model's own; none of scores, or without a temperature.
	Probabilities *problem.Trust `json:"probabilities,omitempty"`
	Temperature   float64        `json:"temperature,omitempty"`
	Calibrated    *problem.Trust `json:"calibrated,omitempty"`
	// What comes of answering only where the label, at the model's temperature, has at
	// least a probability.
	Abstained *metric.Coverage `json:"abstained,omitempty"`

	said *problem.Outputs // at the model's temperature
	set  *data.Set
}

// Evaluate scores a model: of a stage's directory, on a file in the layout of its experiment's
// task or on its dev set, or of any directory on a table whose columns are named. A search's
// model is scored as the search left it, scaling word-vectors by r; it removes none.
//
// It reports a *rundir.StateError where nothing says how the file is read, and the errors of
// data and model.
func Evaluate(ctx context.Context, dir string, o EvaluateOptions) (*Evaluation, error) {
	j, err := openJudge(dir, o)
	if err != nil {
		return nil, err
	}
	set, also, err := evaluationSets(j.exp, o.File, j.config.Labels(), mistakes.Columns(o.By))
	if err != nil {
		return nil, err
	}
	result, err := j.evaluate(ctx, set, o.By)
	if err == nil && also != nil {
		result.Other, err = j.evaluate(ctx, also, o.By)
	}
	return result, err
}

// evaluate scores the model on a set, and on parts of it by each of some words.
func (j *judge) evaluate(ctx context.Context, set *data.Set, by []string) (*Evaluation, error) {
	examples := j.encode(set)
	out, seconds, err := j.outputs(ctx, examples)
	if err != nil {
		return nil, err
	}
	s, err := evaluation(out, j.dir, j.exp, set)
	if err != nil {
		return nil, err
	}
	s.Seconds, s.Probabilities, s.said, s.set = seconds, out.Trust(), out.At(j.config.Temperature), set
	s.Budget = j.budget
	if s.Temperature = j.config.Temperature; s.Temperature != 0 {
		s.Calibrated = s.said.Trust()
		_, s.Classes = s.said.Confusion(len(set.Labels)) // thresholds are those in use
	}
	s.Slices, err = mistakes.By(by, set, mistakes.Columns(by), examples, out, s.Metric)
	return s, err
}

// Worst fills in the n Errors that are most surely wrong, on the second dev set, too; below 0
// all.
func (e *Evaluation) Worst(n int) {
	e.Errors = mistakes.Worst(e.set, e.said, n)
	if e.Other != nil {
		e.Other.Worst(n)
	}
}

// Abstain fills in Abstained, on the second dev set, too. It does nothing and returns false
// where the model gives no label a probability among several.
func (e *Evaluation) Abstain(below float64) bool {
	if e.Probabilities == nil || e.said.Kind.Several() {
		return false
	}
	c := e.said.Abstaining(below)
	e.Abstained = &c
	return e.Other == nil || e.Other.Abstain(below)
}

// evaluationSets reads what a model with these labels is scored on, with some columns; also
// is the second dev set that a task may have.
func evaluationSets(e *configs.Experiment, file string, labels, columns []string) (set, also *data.Set, err error) {
	src := e.Source()
	src.Keep = columns
	if file != "" {
		set, err = data.LoadFile(src, file, labels)
		return set, nil, err
	}
	if set, err = data.LoadDev(src, labels); err != nil {
		return nil, nil, err
	}
	also, err = data.LoadAlso(src, labels)
	return set, also, err
}

// evaluation scores outputs.
func evaluation(o *problem.Outputs, dir string, e *configs.Experiment, set *data.Set) (*Evaluation, error) {
	value, also, err := o.Score(e.Data.Metric)
	s := &Evaluation{
		Dir: dir, Data: set.Name(), Examples: len(set.Examples), Skipped: append([]data.Malformed{}, set.Skipped...),
		Metric: e.Data.Metric, Value: value, Also: also, Loss: o.Loss(), Labels: set.Labels,
	}
	s.F1Of, _ = o.Kind.Positive(s.Metric, set.Labels)
	s.Confusion, s.Classes = o.Confusion(len(set.Labels))
	s.Confused = mistakes.Pairs(set.Labels, s.Confusion)
	s.means(o.Macro(s.Confusion, s.Classes))
	return s, err
}

// means fills in what follows from the counts of labels.
func (e *Evaluation) means(m *metric.Macro) {
	if e.Macro = m; m == nil {
		return
	}
	for _, k := range m.NotFound {
		e.NotFound = append(e.NotFound, e.Labels[k])
	}
	for _, k := range m.NeverPredicted {
		e.NeverPredicted = append(e.NeverPredicted, e.Labels[k])
	}
}
