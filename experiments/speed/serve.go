package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/train"
)

// serve is our side of the protocol of experiments/peer/lines.py, of one side: it reads
// a job and then turns until there are no more.
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
	answer := peer.Answer{Version: "powerbert, " + infer.Backend() + ", " + runtime.Version()}
	for {
		if err := answers.Encode(answer); err != nil {
			return err
		}
		var turn peer.Turn
		if err := requests.Decode(&turn); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		start := time.Now()
		for range turn.Runs {
			if answer.Logits, err = run(); err != nil {
				return err
			}
		}
		answer.Seconds = time.Since(start).Seconds() / float64(turn.Runs)
	}
}

// prepare loads the weights and returns what is timed.
func (j *Job) prepare() (run func() ([][]float32, error), err error) {
	runtime.GOMAXPROCS(j.Cores)
	switch j.Kind {
	case kindTexts:
		return j.texts()
	case kindStep:
		return j.steps()
	}
	return j.forward()
}

func (j *Job) steps() (func() ([][]float32, error), error) {
	m, err := model.LoadTrained[float32](j.File)
	if err != nil {
		return nil, err
	}
	use := model.Use{Elimination: m.Config.Elimination(), Precision: kernel.Precision(j.Precision)}
	var soft *model.SoftExtract[float32]
	if j.Soft {
		use.Soft, use.Length, use.Lambda = true, len(j.IDs[0]), j.Lambda
		soft = model.NewSoftExtract[float32](m.Config.NumHiddenLayers, use.Length)
	}
	s, err := train.NewSteps(train.Learner{Config: m.Config, Params: m.Params, Soft: soft, Use: use}, j.Cores, j.LR)
	if err != nil {
		return nil, err
	}
	var batch []data.Encoded
	for i, ids := range j.IDs {
		batch = append(batch, data.Encoded{IDs: ids, Types: make([]int32, len(ids)), Label: j.Labels[i]})
	}
	return func() ([][]float32, error) {
		objective, err := s.Step(batch)
		return [][]float32{{float32(objective)}}, err
	}, nil
}

// forward deals the sequences out to as many networks as there are cores.
func (j *Job) forward() (func() ([][]float32, error), error) {
	c, weights, err := model.LoadFrozen(j.File)
	if err != nil {
		return nil, err
	}
	nets := make([]*model.Net[float32], min(j.Cores, len(j.IDs)))
	for w := range nets {
		n, err := model.NewNet(c, weights, nil, model.Use{Elimination: c.Elimination()})
		if err != nil {
			return nil, err
		}
		for i := len(j.IDs) * w / len(nets); i < len(j.IDs)*(w+1)/len(nets); i++ {
			n.Batch.AddSequence(j.IDs[i], make([]int32, len(j.IDs[i])), 0, 0)
		}
		nets[w] = n
	}
	return func() (logits [][]float32, err error) {
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
			values := model.Values[float32](n.Logits)
			for k := 0; k < len(values); k += c.NumLabels() {
				logits = append(logits, values[k:k+c.NumLabels()])
			}
		}
		return logits, nil
	}, nil
}

// texts answers those of the job's task as `train predict` does.
func (j *Job) texts() (func() ([][]float32, error), error) {
	var t peer.Task
	content, err := os.ReadFile(j.Task)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(content, &t); err != nil {
		return nil, err
	}
	m, err := infer.Open(j.File, t.MaxLength)
	if err != nil {
		return nil, err
	}
	set := &data.Set{}
	for _, text := range t.Texts {
		set.Examples = append(set.Examples, data.Example{Text: *text[0]})
	}
	return func() ([][]float32, error) { return peer.Stream(context.Background(), m, set) }, nil
}
