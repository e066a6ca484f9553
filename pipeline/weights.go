package pipeline

import (
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// A source is where a stage's weights come from: an experiment's model or random ones
// over a task, or an earlier stage of the run.
type source struct {
	*run
	task *task
}

// firstWeights are the pretrained encoder with a fresh head, or random weights.
func (w *source) firstWeights() (c arch.Config, p *model.Params[float32], err error) {
	if w.exp.Model != "" {
		c, p, err = w.load("data.max_length", w.exp.Data.MaxLength, model.LoadOptions{Labels: w.task.labels, Problem: w.task.problem, Seed: uint64(w.exp.Seed)})
	} else {
		c = w.shape()
		c.SetProblem(w.task.problem, w.task.labels)
		c, p, err = w.random(c)
	}
	c.Window = w.exp.Window()
	c.Pairs = w.task.paired && !w.task.problem.Chosen() // whose second texts are the options
	return c, p, err
}

// encoderToPretrain is the experiment's model, or random weights with as many
// encoders as the growth begins with.
func (w *source) encoderToPretrain() (arch.Config, *model.Params[float32], error) {
	e := w.exp
	if e.Model != "" {
		return w.load("pretrain.max_length", e.Pretrain.MaxLength, model.LoadOptions{MaskedLM: true, Seed: uint64(e.Seed)})
	}
	config := w.shape()
	if err := config.SetMaskedLM(); err != nil {
		return config, nil, configError(e, "encoder.type", "encoder makes no model: "+err.Error())
	}
	if len(e.Pretrain.Stack) > 0 {
		config.NumHiddenLayers = e.Pretrain.Stack[0]
	}
	return w.random(config)
}

// shape is the experiment's encoder over the task's vocabulary.
func (w *source) shape() arch.Config {
	e := w.exp
	c := arch.FamilyOf(e.Encoder.Type).Defaults()
	c.VocabSize, c.EmbeddingSize, c.HiddenSize = w.task.tok.Size(), e.Encoder.Embedding, e.Encoder.Hidden
	c.NumHiddenLayers, c.NumAttentionHeads = e.Encoder.Layers, e.Encoder.Heads
	c.IntermediateSize = e.Encoder.Intermediate
	c.SetLongest(e.Encoder.Positions, int(w.task.tok.Pad()))
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = e.Encoder.Dropout, e.Encoder.AttentionDropout
	for _, rate := range []*float64{c.ClassifierDropoutProb, c.ClassifierDropout} {
		if rate != nil {
			*rate = e.Encoder.Dropout
		}
	}
	return c
}

// random is a model of that shape with random weights.
func (w *source) random(config arch.Config) (arch.Config, *model.Params[float32], error) {
	e := w.exp
	if err := config.Validate(); err != nil {
		return config, nil, configError(e, "encoder", "encoder makes no model: "+err.Error())
	}
	if err := short(e, estimate.FitsModel("training", &config, w.Memory)); err != nil {
		return config, nil, err
	}
	params := model.NewParams[float32](config)
	if e.Encoder.Init == configs.InitLocal {
		params.InitLocal(uint64(e.Seed))
	} else {
		params.Init(uint64(e.Seed))
	}
	return config, params, nil
}

// from is the model of an earlier stage, which the stage at hand goes on with on
// the same data.
func (w *source) from(name string) (arch.Config, *model.Params[float32], error) {
	dir := w.place().Stage(name)
	loaded, err := model.LoadTrained[float32](string(dir))
	if err != nil {
		return arch.Config{}, nil, fmt.Errorf("%w; it is the %s stage's: run that again with --overwrite", err, name)
	}
	if known := loaded.Config.Labels(); !slices.Equal(known, w.task.labels) {
		return arch.Config{}, nil, rundir.Errorf(w.Dir, "the %s stage's model knows the labels %q, but the data has %q; "+
			"put back the data of the run, or begin anew with another --out", name, known, w.task.labels)
	}
	result, err := dir.Result()
	if err != nil {
		return arch.Config{}, nil, err
	}
	train, dev := w.task.fingerprints()
	for _, set := range []struct{ name, was, now string }{{"training", result.TrainSet, train}, {"dev", result.DevSet, dev}} {
		if set.was != set.now {
			return arch.Config{}, nil, rundir.Errorf(w.Dir, "the %s stage had another %s set; "+
				"put back the data of the run, or begin anew with another --out", name, set.name)
		}
	}
	loaded.Config.Temperature = 0 // it may have been calibrated since
	return loaded.Config, loaded.Params, nil
}

// teacher is stage 1's model.
func (w *source) teacher() (*train.Teacher, error) {
	config, params, err := w.from(configs.StageFinetune)
	if err != nil {
		return nil, err
	}
	return &train.Teacher{Config: config, Frozen: params.Freeze()}, nil
}
