package pipeline

import (
	"cmp"
	"context"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// EvaluateOptions say what a model is evaluated on, and how.
type EvaluateOptions struct {
	File   string   // in the layout of the experiment's task; "": its dev set
	Text   []string // text columns of File, where it is a table of other ones than the experiment's, or there is no experiment
	Label  string   // and its label column
	Budget float64  // the model is run at the largest of its budgets that is no more; 0: at the largest, or in the one configuration that it has
	By     []string // also parts are scored: mistakes.ByLength, or a column of the file
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

// openJudge opens the model of a directory.
func openJudge(dir string, o EvaluateOptions) (*judge, error) {
	dir = rundir.Named(dir)
	e, err := o.experiment(dir)
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
	if e == nil {
		if e, err = o.tableOf(dir, &config); err != nil {
			return nil, err
		}
	}
	budget, err := config.AtBudget(o.Budget)
	if err != nil {
		return nil, &model.Error{Path: dir, Err: err}
	}
	soft, elimination, err := eliminationOf(dir, e, &config)
	if err != nil {
		return nil, err
	}
	nets, err := predict.NewReplicas(e.Workers, config, weights, soft, model.Use{Elimination: elimination})
	return &judge{dir, budget, e, config, tok, nets}, err
}

// experiment is the one that a stage's directory belongs to, with the columns of another table
// where they are named; nil where there is none and the file can be read without.
func (o *EvaluateOptions) experiment(dir string) (*configs.Experiment, error) {
	e, err := rundir.ExperimentOf(dir)
	if err != nil && o.File != "" {
		if beside, _, broken := rundir.ExperimentBeside(dir); beside == nil && broken == nil {
			return nil, nil
		}
	}
	if err != nil || len(o.Text) == 0 && o.Label == "" {
		return e, err
	}
	d := &e.Data
	d.Text, d.Label = d.Columns(o.Text, o.Label)
	if len(d.Text) == 0 || d.Label == "" {
		return nil, rundir.Errorf(dir, "its experiment is of no table, so %s wants both of its columns, --text and --label", o.File)
	}
	d.Task, d.Format, d.Header, d.Delimiter = data.TaskTable, "", nil, ""
	return e, nil
}

// tableOf is what takes the place of an experiment where there is none.
func (o *EvaluateOptions) tableOf(dir string, c *arch.Config) (*configs.Experiment, error) {
	kind := c.Problem()
	if !kind.Chosen() && (o.Label == "" || len(o.Text) == 0) {
		return nil, rundir.Errorf(dir, "no experiment.yaml beside it tells how %s is read; name its columns with --text and --label", o.File)
	}
	e := configs.Table(kind, o.Text, o.Label)
	e.Workers = runtime.GOMAXPROCS(0)
	var err error
	e.Data.MaxLength, err = TrainedLength(dir, c)
	return e, err
}

// TrainedLength is how many tokens texts had at most when a model was trained: its retention
// configuration, the experiment beside it or sentence-transformers says so, or it is as many
// as the model has positions.
func TrainedLength(dir string, c *arch.Config) (int, error) {
	if r := c.PowerRetention; r != nil {
		return r.MaxLength, nil
	}
	e, _, err := rundir.ExperimentBeside(dir)
	if err != nil {
		return 0, err
	}
	if e != nil {
		return e.Data.MaxLength, nil
	}
	meant, err := model.MeantLength(dir, c)
	return cmp.Or(meant, c.Longest()), err
}

// encode is a set as the model reads it.
func (j *judge) encode(set *data.Set) []data.Encoded {
	return data.EncodeAs(set, j.tok, j.exp.Data.MaxLength, j.config.Window)
}

// outputs are what the model says of examples, before any temperature, and the seconds that
// it took.
func (j *judge) outputs(ctx context.Context, examples []data.Encoded) (*problem.Outputs, float64, error) {
	start := time.Now()
	out, err := predict.Run{Nets: j.nets, PadTo: padTo(j.exp)}.Outputs(ctx, examples)
	return &out, time.Since(start).Seconds(), err
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
