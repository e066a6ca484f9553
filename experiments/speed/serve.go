package main

import (
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/train"
)

// A Turn asks a program to run its job.
type Turn struct {
	Runs int `json:"runs"`
}

// An Answer is what a program says, in one line, of its job (who it is, once it is
// ready) and of each turn.
type Answer struct {
	Version string    `json:"version,omitempty"`
	Seconds float64   `json:"seconds"` // of one run, the mean of the turn
	Outputs []float32 `json:"outputs"` // of the last run: logits, or the objective before the step
}

// serve is our side of the protocol: it reads a job and then turns until there
// are no more.
func serve(in io.Reader, out io.Writer) error {
	requests, answers := json.NewDecoder(in), json.NewEncoder(out)
	var job Job
	if err := requests.Decode(&job); err != nil {
		return err
	}
	run, err := job.prepare()
	if err != nil {
		return err
	}
	answer := Answer{Version: "powerbert, " + infer.Backend() + ", " + runtime.Version()}
	for {
		if err := answers.Encode(answer); err != nil {
			return err
		}
		var turn Turn
		if err := requests.Decode(&turn); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		start := time.Now()
		for range turn.Runs {
			if answer.Outputs, err = run(); err != nil {
				return err
			}
		}
		answer.Seconds = time.Since(start).Seconds() / float64(turn.Runs)
	}
}

// prepare loads the weights and returns what is timed.
func (j *Job) prepare() (run func() ([]float32, error), err error) {
	runtime.GOMAXPROCS(j.Cores)
	loaded, err := model.LoadTrained[float32](j.Model)
	if err != nil {
		return nil, err
	}
	if j.Train {
		return j.steps(loaded)
	}
	return j.forward(loaded)
}

func (j *Job) steps(m *model.Loaded[float32]) (func() ([]float32, error), error) {
	var soft *model.SoftExtract[float32]
	if j.Soft {
		soft = model.NewSoftExtract[float32](m.Config.NumHiddenLayers, len(j.IDs[0]))
	}
	s, err := train.NewSteps(train.Learner{Config: m.Config, Params: m.Params, Soft: soft, Use: model.Use{Elimination: j.elimination()}}, j.Cores, j.LR)
	if err != nil {
		return nil, err
	}
	var batch []data.Encoded
	for i, ids := range j.IDs {
		batch = append(batch, data.Encoded{IDs: ids, Types: make([]int32, len(ids)), Label: j.Labels[i]})
	}
	return func() ([]float32, error) {
		objective, err := s.Step(batch)
		return []float32{float32(objective)}, err
	}, nil
}

// forward deals the sequences out to as many networks as there are cores.
func (j *Job) forward(m *model.Loaded[float32]) (func() ([]float32, error), error) {
	weights := m.Params.Freeze()
	nets := make([]*model.Net[float32], min(j.Cores, len(j.IDs)))
	for w := range nets {
		n, err := model.NewNet(m.Config, weights, nil, model.Use{Elimination: j.elimination()})
		if err != nil {
			return nil, err
		}
		for i := len(j.IDs) * w / len(nets); i < len(j.IDs)*(w+1)/len(nets); i++ {
			n.Batch.AddSequence(j.IDs[i], make([]int32, len(j.IDs[i])), 0, j.Labels[i])
		}
		nets[w] = n
	}
	return func() (logits []float32, err error) {
		errs := make([]error, len(nets))
		var wait sync.WaitGroup
		for w, n := range nets {
			wait.Go(func() { errs[w] = n.Forward() })
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
		for _, n := range nets {
			logits = append(logits, model.Values[float32](n.Logits)...)
		}
		return logits, nil
	}, nil
}
