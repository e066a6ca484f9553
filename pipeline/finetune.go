package pipeline

import (
	"context"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// Finetune runs stage 1: it trains a BERT or ALBERT with a head for the task, from the experiment's
// pretrained model or from random weights, and keeps the best dev epoch.
func Finetune(ctx context.Context, e *configs.Experiment, o Options) (*rundir.Result, error) {
	return runStage(ctx, e, o, configs.StageFinetune, firstStage)
}

func firstStage(r *run, t *task) (stage, error) {
	config, params, err := r.firstWeights(t)
	return finetuneStage(config, params), err
}

func finetuneStage(c model.Config, p *model.Params[float32]) stage {
	return stage{name: configs.StageFinetune, learner: train.Learner{Config: c, Params: p, Use: model.Use{Train: true}}}
}

// firstWeights are the pretrained encoder with a fresh head, or random weights.
func (r *run) firstWeights(t *task) (model.Config, *model.Params[float32], error) {
	if r.exp.Model != "" {
		return r.load(t, "data.max_length", r.exp.Data.MaxLength, model.LoadOptions{Labels: t.labels, Problem: t.problem, Seed: uint64(r.exp.Seed)})
	}
	config := r.shape(t)
	config.SetProblem(t.problem, t.labels)
	return r.random(config)
}

// shape is the experiment's encoder over the task's vocabulary.
func (r *run) shape(t *task) model.Config {
	e := r.exp
	c := model.Config{
		ModelType: e.Encoder.Type, VocabSize: t.tok.Size(), EmbeddingSize: e.Encoder.Embedding,
		HiddenSize: e.Encoder.Hidden, NumHiddenLayers: e.Encoder.Layers, NumAttentionHeads: e.Encoder.Heads,
		IntermediateSize: e.Encoder.Intermediate, HiddenAct: "gelu", HiddenDropoutProb: e.Encoder.Dropout,
		AttentionProbsDropoutProb: e.Encoder.AttentionDropout, MaxPositionEmbeddings: e.Encoder.Positions,
		TypeVocabSize: 2, LayerNormEps: 1e-12, InitializerRange: 0.02,
	}
	if e.Encoder.Type == configs.TypeALBERT {
		c.NumHiddenGroups, c.InnerGroupNum, c.HiddenAct, c.ClassifierDropoutProb = 1, 1, "gelu_new", &e.Encoder.Dropout
	}
	c.Architectures = []string{c.Family().Architecture}
	return c
}

// random is a model of that shape with random weights.
func (r *run) random(config model.Config) (model.Config, *model.Params[float32], error) {
	e := r.exp
	if err := config.Validate(); err != nil {
		return config, nil, configError(e, "encoder", "encoder makes no model: "+err.Error())
	}
	params := model.NewParams[float32](config)
	if e.Encoder.Init == configs.InitLocal {
		params.InitLocal(uint64(e.Seed), config)
	} else {
		params.Init(uint64(e.Seed))
	}
	return config, params, nil
}
