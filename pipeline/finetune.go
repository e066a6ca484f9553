package pipeline

import (
	"context"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// Finetune runs stage 1: it trains a BERT or ALBERT with a head for the task, from the experiment's
// pretrained model or from random weights, and keeps the best dev epoch.
func Finetune(ctx context.Context, e *configs.Experiment, o Options) (*Result, error) {
	return runStage(ctx, e, o, configs.StageFinetune, planFinetune)
}

func planFinetune(r *run, t *task) (stage, error) {
	config, params, err := r.firstWeights(t)
	return finetuneStage(r.exp, config, params), err
}

func finetuneStage(e *configs.Experiment, c arch.Config, p *model.Params[float32]) stage {
	return stage{name: configs.StageFinetune, conf: e.Finetune, use: model.Use{Train: true}, best: true, config: c, params: p}
}

// firstWeights are the pretrained encoder with a fresh head, or random weights.
func (r *run) firstWeights(t *task) (arch.Config, *model.Params[float32], error) {
	if r.exp.Model != "" {
		return r.load(t, "data.max_length", r.exp.Data.MaxLength, model.LoadOptions{Labels: t.labels, Problem: t.problem, Seed: uint64(r.exp.Seed)})
	}
	config := r.shape(t)
	config.SetProblem(t.problem, t.labels)
	return r.random(config)
}

// shape is the experiment's encoder over the task's vocabulary.
func (r *run) shape(t *task) arch.Config {
	e := r.exp
	c := arch.FamilyOf(e.Encoder.Type).Defaults()
	c.VocabSize, c.EmbeddingSize, c.HiddenSize = t.tok.Size(), e.Encoder.Embedding, e.Encoder.Hidden
	c.NumHiddenLayers, c.NumAttentionHeads = e.Encoder.Layers, e.Encoder.Heads
	c.IntermediateSize, c.MaxPositionEmbeddings = e.Encoder.Intermediate, e.Encoder.Positions
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = e.Encoder.Dropout, e.Encoder.AttentionDropout
	if c.ClassifierDropoutProb != nil {
		*c.ClassifierDropoutProb = e.Encoder.Dropout
	}
	return c
}

// random is a model of that shape with random weights.
func (r *run) random(config arch.Config) (arch.Config, *model.Params[float32], error) {
	e := r.exp
	if err := config.Validate(); err != nil {
		return config, nil, configError(e, "encoder", "encoder makes no model: "+err.Error())
	}
	params := model.NewParams[float32](config)
	if e.Encoder.Init == configs.InitLocal {
		params.InitLocal(uint64(e.Seed))
	} else {
		params.Init(uint64(e.Seed))
	}
	return config, params, nil
}
