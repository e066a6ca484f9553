package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
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

func finetuneStage(e *configs.Experiment, c model.Config, p *model.Params[float32]) stage {
	return stage{name: configs.StageFinetune, conf: e.Finetune, use: model.Use{Train: true}, best: true, config: c, params: p}
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

// load loads the experiment's model for inputs of so many tokens, which the key says,
// and tells what it did not find there.
func (r *run) load(t *task, key string, maxLength int, o model.LoadOptions) (model.Config, *model.Params[float32], error) {
	e := r.exp
	loaded, err := model.Load[float32](r.model, o)
	if err != nil {
		return model.Config{}, nil, err
	}
	if len(loaded.Initialised) > 0 {
		r.Log.Info("newly initialised", "model", e.Model, "tensors", brief(loaded.Initialised))
	}
	if len(loaded.Ignored) > 0 {
		r.Log.Info("ignored", "model", e.Model, "tensors", brief(loaded.Ignored))
	}
	c := loaded.Config
	c.PowerRetention = nil // of a model that was retrained before; the search finds another
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = e.Encoder.Dropout, e.Encoder.AttentionDropout
	if n := t.tok.Size(); n > c.VocabSize {
		return c, nil, &model.Error{Path: e.Model, Err: fmt.Errorf("the tokenizer has %d pieces, but the model's vocab_size is %d; set tokenizer.vocab to the model's own", n, c.VocabSize)}
	}
	if n := t.tok.Size(); c.VocabSize-n > spareIDs {
		r.Log.Warn("the tokenizer may not be the model's: it has fewer pieces", "pieces", n, "vocab_size", c.VocabSize, "model", e.Model)
	}
	if maxLength > c.MaxPositionEmbeddings {
		return c, nil, &model.Error{Path: e.Model, Err: fmt.Errorf("%s is %d, but the model has max_position_embeddings %d", key, maxLength, c.MaxPositionEmbeddings)}
	}
	if t.paired && c.TypeVocabSize < 2 {
		return c, nil, &model.Error{Path: e.Model, Err: fmt.Errorf("the examples are pairs of texts, but the model has type_vocab_size %d, which tells no second text from a first", c.TypeVocabSize)}
	}
	return c, loaded.Params, nil
}

// brief lists the first of the names and counts the others.
func brief(names []string) string {
	const most = 4
	if more := len(names) - most; more > 1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], " "), more)
	}
	return strings.Join(names, " ")
}

// spareIDs is how many ids without a piece a vocabulary may have for round sizes.
const spareIDs = 128
