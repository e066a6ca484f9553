package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
)

// Evaluation is how the model of a stage does on a file.
type Evaluation struct {
	Dir       string           `json:"model"`    // the stage's directory
	Data      string           `json:"data"`     // the file
	Examples  int              `json:"examples"` // that were scored
	Skipped   []data.Malformed `json:"skipped"`  // rows that could not be read, where they may be skipped
	Metric    string           `json:"metric"`   // the experiment's
	Value     float64          `json:"value"`
	Loss      float64          `json:"loss"`      // mean cross-entropy, in nats
	Labels    []string         `json:"labels"`    // in the order of their ids
	Confusion [][]int          `json:"confusion"` // examples by true label (row) and predicted label (column)
	Classes   []metric.Class   `json:"classes"`   // in the order of Labels
}

// Evaluate scores the model of a stage's directory on a file in the layout of
// the experiment's task; "" is its dev set. A search's model is scored as the
// search left it, scaling word-vectors by r; it removes none.
//
// It reports a *StateError where dir is no stage's directory, and the errors of
// data and model.
func Evaluate(ctx context.Context, dir, file string) (*Evaluation, error) {
	dir = named(dir)
	e, err := experimentOf(dir)
	if err != nil {
		return nil, err
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return nil, err
	}
	loaded, err := model.LoadTrained[float32](dir)
	if err != nil {
		return nil, err
	}
	set, err := evaluationSet(e, file, loaded.Config.Labels())
	if err != nil {
		return nil, err
	}
	soft, elimination, err := eliminationOf(dir, e, &loaded.Config)
	if err != nil {
		return nil, err
	}
	nets, err := newReplicas(e.Workers, loaded.Config, loaded.Params, soft, model.Use{Elimination: elimination})
	if err != nil {
		return nil, err
	}
	padTo := 0
	if e.Data.Pad {
		padTo = e.Data.MaxLength
	}
	out, err := evaluate(ctx, nets, data.Encode(set, tok, e.Data.MaxLength), padTo)
	if err := errors.Join(err, nets.close()); err != nil {
		return nil, err
	}
	return out.summary(dir, e, set)
}

// experimentOf is the experiment that a stage's directory belongs to.
func experimentOf(dir string) (*configs.Experiment, error) {
	if name := filepath.Base(dir); !slices.Contains(stages, name) && !isStudent(name) {
		return nil, stateErrorf(dir, "want a stage's directory, as %s", filepath.Join(dir, configs.StageRetrain))
	}
	path := filepath.Join(filepath.Dir(dir), "experiment.yaml")
	if _, err := os.Stat(path); err != nil {
		return nil, stateErrorf(dir, "no experiment.yaml beside it, which says how its data are read; want a stage of a run directory")
	}
	if !stageDir(dir).complete() {
		return nil, stateErrorf(dir, "is not complete; run `train %s` first", filepath.Base(dir))
	}
	return configs.Load(path, nil)
}

// evaluationSet reads what a model with these labels is scored on.
func evaluationSet(e *configs.Experiment, file string, labels []string) (*data.Set, error) {
	if file != "" {
		return data.LoadFile(Source(e), file, labels)
	}
	return data.LoadDev(Source(e), labels)
}

// eliminationOf is how a stage's model treats its word-vectors: by the r of
// retention.json if it is a search's, else as its config.json says.
func eliminationOf(dir string, e *configs.Experiment, c *model.Config) (*model.SoftExtract[float32], model.Elimination, error) {
	if filepath.Base(dir) != configs.StageSearch {
		return nil, c.Elimination(), nil
	}
	retention, err := ReadRetention(stageDir(dir).file("retention.json"))
	if err != nil {
		return nil, model.Elimination{}, err
	}
	soft := &model.SoftExtract[float32]{R: slices.Concat(retention.R...), Length: retention.MaxLength}
	return soft, softElimination(e), nil
}

// summary scores outputs.
func (o *outputs) summary(dir string, e *configs.Experiment, set *data.Set) (*Evaluation, error) {
	pred, classes := o.predictions(), len(set.Labels)
	value, err := score(e.Data.Metric, pred, o.gold, classes)
	return &Evaluation{
		Dir: dir, Data: set.Path, Examples: len(set.Examples), Skipped: append([]data.Malformed{}, set.Skipped...),
		Metric: e.Data.Metric, Value: value, Loss: o.loss(),
		Labels: set.Labels, Confusion: metric.Confusion(pred, o.gold, classes), Classes: metric.PerClass(pred, o.gold, classes),
	}, err
}
