package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/optim"
)

// Pretrain trains an encoder by masked-language modelling (Devlin et al. 2019) on
// the experiment's texts, from random weights or from the experiment's model, and
// leaves it as a BertForMaskedLM, which the stages begin with where model names its
// directory. It is scored by perplexity, exp of the mean cross-entropy per guessed
// token, on documents that are held out, masked the same way every time.
func Pretrain(ctx context.Context, e *configs.Experiment, o Options) (*Result, error) {
	o = o.prepare(e)
	return perform(ctx, e, o, configs.StagePretrain, func() (*task, error) { return loadCorpus(ctx, e, o) }, planPretrain)
}

// loadCorpus reads the texts as sequences to learn from and to measure on.
func loadCorpus(ctx context.Context, e *configs.Experiment, o Options) (*task, error) {
	p := e.Pretrain
	if len(p.Texts) == 0 {
		return nil, configError(e, "pretrain.texts", "pretrain.texts is missing, want files of text to learn from")
	}
	tok, err := Tokenizer(ctx, e, o.Hub)
	if err != nil {
		return nil, err
	}
	corpus := data.Corpus{Files: p.Texts, Column: p.Column, BlankLines: p.Documents == configs.DocumentBlankLines}
	train, dev, err := corpus.Pack(tok, p.MaxLength, p.HeldOut)
	if err != nil {
		return nil, err
	}
	o.Log.Info("texts", "tokens", tokens(train), "sequences", len(train), "held out", tokens(dev),
		"perplexity by frequency alone", math.Round(data.FrequencyPerplexity(train, dev, tok)))
	return &task{tok: tok, train: train, dev: dev, maxLength: p.MaxLength}, nil
}

func tokens(set []data.Encoded) (n int) {
	for _, e := range set {
		n += len(e.IDs)
	}
	return n
}

func planPretrain(r *run, t *task) (stage, error) {
	p := r.exp.Pretrain
	masking, err := data.NewMasking(t.tok, p.Mask)
	if err != nil {
		return stage{}, configError(r.exp, "tokenizer.vocab", "tokenizer.vocab: "+err.Error())
	}
	s := stage{name: configs.StagePretrain, conf: p.Stage, use: model.Use{Train: true}, masking: masking, every: p.EvaluateEvery,
		growth: growth{slices.Concat(p.Stack, []int{r.exp.Encoder.Layers}), p.StackShare}}
	s.config, s.params, err = r.encoderToPretrain(t)
	s.config.PretrainedLength = max(s.config.PretrainedLength, slices.Max(data.Lengths(t.train)))
	return s, err
}

// encoderToPretrain is the experiment's model, or random weights with as many
// encoders as the growth begins with.
func (r *run) encoderToPretrain(t *task) (arch.Config, *model.Params[float32], error) {
	e := r.exp
	if e.Model != "" {
		return r.load(t, "pretrain.max_length", e.Pretrain.MaxLength, model.LoadOptions{MaskedLM: true, Seed: uint64(e.Seed)})
	}
	config := r.shape(t)
	if err := config.SetMaskedLM(); err != nil {
		return config, nil, configError(e, "encoder.type", "encoder makes no model: "+err.Error())
	}
	if len(e.Pretrain.Stack) > 0 {
		config.NumHiddenLayers = e.Pretrain.Stack[0]
	}
	return r.random(config)
}

// growth is the way of a model from few encoders to all of them. One that does not
// grow has the zero value, or a single number.
type growth struct {
	encoders []int   // ascending, the last for good
	share    float64 // part of all steps that each of the others takes
}

// at is how many encoders the model is to have at a step, when it now has so many.
func (g growth) at(step, total, now int) int {
	if len(g.encoders) < 2 {
		return now
	}
	passed := int(float64(step) / (g.share * float64(total)))
	return g.encoders[min(passed, len(g.encoders)-1)]
}

// grow gives the model more encoders: those that it has, over and over (Gong et al.
// 2019, progressive stacking). Weights and moments of the optimiser go along.
func (t *trainer) grow(encoders int) error {
	if encoders == t.config.NumHiddenLayers {
		return nil
	}
	before, state, shallow := t.config.NumHiddenLayers, t.opt.State(), t.config.Net()
	if err := errors.Join(t.nets.close(), t.evals.close()); err != nil {
		return err
	}
	t.stage = t.grown(encoders)
	if err := t.build(); err != nil {
		return err
	}
	t.run.Log.Info("grown", "step", t.state.Step, "encoders", fmt.Sprintf("%d → %d", before, encoders))
	return t.opt.SetState(inheritState(t.opt.State(), state, t.config.Net().Inherits(shallow, stackedOn(before))))
}

// grown is the stage with a model of so many encoders, made of those that it has.
func (s stage) grown(encoders int) stage {
	before := s
	s.config = s.config.Clone()
	s.config.NumHiddenLayers = encoders
	s.params = model.NewParams[float32](s.config)
	model.Inherit(s.params, before.params, stackedOn(before.config.NumHiddenLayers))
	return s
}

// stackedOn says which of so many encoders the j-th of a larger model begins as.
func stackedOn(encoders int) func(j int) int { return func(j int) int { return j % encoders } }

// inheritState is the state of a model's optimiser, of the names in like, made of
// that of the model it inherits from: begins has the name there of each.
func inheritState(like, state optim.State[float32], begins map[string]string) optim.State[float32] {
	byName := map[string]optim.Moments[float32]{}
	for _, m := range state.Moments {
		byName[m.Name] = m
	}
	for i, m := range like.Moments {
		from := byName[begins[m.Name]]
		like.Moments[i] = optim.Moments[float32]{Name: m.Name, M: from.M, V: from.V}
	}
	like.Step = state.Step
	return like
}
