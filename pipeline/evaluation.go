package pipeline

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
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
	// How far probabilities can be taken at their word, before any temperature and at the
	// model's own; none of scores and of labels by themselves, or without a temperature.
	Probabilities *problem.Trust `json:"probabilities,omitempty"`
	Temperature   float64        `json:"temperature,omitempty"`
	Calibrated    *problem.Trust `json:"calibrated,omitempty"`
	// What comes of answering only where the label, at the model's temperature, has at
	// least a probability.
	Abstained *metric.Coverage `json:"abstained,omitempty"`

	said *problem.Outputs // at the model's temperature
}

// Evaluate scores the model of a stage's directory on a file in the layout of
// the experiment's task; "" is its dev set. A search's model is scored as the
// search left it, scaling word-vectors by r; it removes none.
//
// It reports a *rundir.StateError where dir is no stage's directory, and the errors of
// data and model.
func Evaluate(ctx context.Context, dir, file string) (*Evaluation, error) {
	return EvaluateAt(ctx, dir, file, 0)
}

// EvaluateAt is Evaluate of a model at the largest of its budgets that is no more than budget;
// 0: at the largest, or in the one configuration that it has.
func EvaluateAt(ctx context.Context, dir, file string, budget float64) (*Evaluation, error) {
	j, err := openJudge(dir, budget)
	if err != nil {
		return nil, err
	}
	set, also, err := evaluationSets(j.exp, file, j.config.Labels())
	if err != nil {
		return nil, errors.Join(err, j.nets.Close())
	}
	result, err := j.evaluate(ctx, set)
	if err == nil && also != nil {
		result.Other, err = j.evaluate(ctx, also)
	}
	return result, errors.Join(err, j.nets.Close())
}

// A judge is the model of a stage's directory, ready to be scored.
type judge struct {
	dir    string
	budget float64 // 0: it has one configuration
	exp    *configs.Experiment
	config arch.Config
	tok    tokenizer.Tokenizer
	nets   predict.Replicas // to be closed
}

// openJudge opens the model of a stage's directory, at a budget; 0: the largest that it has.
func openJudge(dir string, budget float64) (*judge, error) {
	dir = rundir.Named(dir)
	e, err := rundir.ExperimentOf(dir)
	if err != nil {
		return nil, err
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return nil, err
	}
	config, weights, err := model.LoadFrozen(dir)
	if err != nil {
		return nil, err
	}
	if len(config.Budgets) > 0 && budget == 0 {
		budget = config.Budgets[0].Share
	}
	if budget != 0 {
		at, err := config.Within(budget)
		if err != nil {
			return nil, &model.Error{Path: dir, Err: err}
		}
		budget = at.Share
	}
	soft, elimination, err := eliminationOf(dir, e, &config)
	if err != nil {
		return nil, err
	}
	nets, err := predict.NewReplicas(e.Workers, config, weights, soft, model.Use{Elimination: elimination})
	return &judge{dir, budget, e, config, tok, nets}, err
}

// outputs are what the model says of a set, before any temperature, and the seconds that
// it took.
func (j *judge) outputs(ctx context.Context, set *data.Set) (*problem.Outputs, float64, error) {
	examples, start := data.EncodeAs(set, j.tok, j.exp.Data.MaxLength, j.config.Window), time.Now()
	out, err := predict.Run{Nets: j.nets, PadTo: padTo(j.exp)}.Outputs(ctx, examples)
	return &out, time.Since(start).Seconds(), err
}

// evaluate scores the model on a set.
func (j *judge) evaluate(ctx context.Context, set *data.Set) (*Evaluation, error) {
	out, seconds, err := j.outputs(ctx, set)
	if err != nil {
		return nil, err
	}
	s, err := evaluation(out, j.dir, j.exp, set)
	s.Budget = j.budget
	s.Seconds, s.Probabilities, s.said = seconds, out.Trust(), out.At(j.config.Temperature)
	if s.Temperature = j.config.Temperature; s.Temperature != 0 {
		s.Calibrated = s.said.Trust()
	}
	return s, err
}

// Abstain fills in Abstained, on the second dev set, too. It does nothing and returns false
// where the model gives no label a probability among several.
func (e *Evaluation) Abstain(below float64) bool {
	if e.Probabilities == nil {
		return false
	}
	c := e.said.Abstaining(below)
	e.Abstained = &c
	return e.Other == nil || e.Other.Abstain(below)
}

// evaluationSets reads what a model with these labels is scored on; also is the
// second dev set that a task may have.
func evaluationSets(e *configs.Experiment, file string, labels []string) (set, also *data.Set, err error) {
	if file != "" {
		set, err = data.LoadFile(e.Source(), file, labels)
		return set, nil, err
	}
	if set, err = data.LoadDev(e.Source(), labels); err != nil {
		return nil, nil, err
	}
	also, err = data.LoadAlso(e.Source(), labels)
	return set, also, err
}

// eliminationOf is how a stage's model treats its word-vectors: by the r of
// retention.json if it is a search's, else as its config.json says.
func eliminationOf(dir string, e *configs.Experiment, c *arch.Config) (*model.SoftExtract[float32], retention.Elimination, error) {
	if filepath.Base(dir) != configs.StageSearch {
		return nil, c.Elimination(), nil
	}
	found, err := rundir.StageDir(dir).ReadRetention()
	if err != nil {
		return nil, retention.Elimination{}, err
	}
	soft := &model.SoftExtract[float32]{R: slices.Concat(found.R...), Length: found.MaxLength}
	return soft, softElimination(e), nil
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
