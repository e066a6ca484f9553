package pipeline

import (
	"context"
	"path/filepath"
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
	if budget, err = config.AtBudget(budget); err != nil {
		return nil, &model.Error{Path: dir, Err: err}
	}
	soft, elimination, err := eliminationOf(dir, e, &config)
	if err != nil {
		return nil, err
	}
	nets, err := predict.NewReplicas(e.Workers, config, weights, soft, model.Use{Elimination: elimination})
	return &judge{dir, budget, e, config, tok, nets}, err
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
