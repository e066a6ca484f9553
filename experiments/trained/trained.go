// Package trained reads runs that are complete, for programs that hold them against each other.
package trained

import (
	"cmp"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A Run is one of all stages.
type Run struct {
	Dir           string
	Exp           *configs.Experiment
	First, Result *rundir.Result // of stages 1 and 3
}

// Open reads a run. It reports the errors of rundir, with the run where its experiment is there.
func Open(dir string) (*Run, error) {
	r := Run{Dir: dir}
	var err, also error
	if r.Exp, err = rundir.ReadExperiment(dir); err != nil {
		return nil, err
	}
	r.First, err = rundir.FirstStage(dir).Result()
	r.Result, also = rundir.ReadResult(dir, configs.StageRetrain)
	return &r, cmp.Or(err, also)
}

// Fits tells whether another run began with the same stage 1.
func (r *Run) Fits(other *Run) bool {
	return r.Exp.Name == other.Exp.Name && r.Exp.Seed == other.Exp.Seed && r.First.DevSet == other.First.DevSet && r.First.Loss == other.First.Loss
}

// Model opens the model of stage 3.
func (r *Run) Model() (*infer.Model, error) {
	return infer.Open(string(rundir.Stage(r.Dir, configs.StageRetrain)), r.Exp.Data.MaxLength)
}

// Dev is the dev set as a model of the run reads it.
func (r *Run) Dev(m *infer.Model) ([]data.Encoded, error) {
	dev, err := data.LoadDev(r.Exp.Source(), m.Config.Labels())
	if err != nil {
		return nil, err
	}
	return data.Encode(dev, m.Tokenizer, r.Exp.Data.MaxLength), nil
}
