package pipeline

import (
	"context"
	"math"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// Pretrain trains an encoder by masked-language modelling (Devlin et al. 2019) on
// the experiment's texts, from random weights or from the experiment's model, and
// leaves it as a BertForMaskedLM, which the stages begin with where model names its
// directory. It is scored by perplexity, exp of the mean cross-entropy per guessed
// token, on documents that are held out, masked the same way every time.
func Pretrain(ctx context.Context, e *configs.Experiment, o Options) (*rundir.Result, error) {
	o = o.prepare(e)
	return perform(ctx, e, o, configs.StagePretrain, func() (*task, error) { return loadCorpus(ctx, e, o) }, pretrainStage)
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
	t := &task{name: "masked_lm", tok: tok, maxLength: p.MaxLength}
	t.Train, t.Dev, t.Metric = train, dev, "perplexity"
	return t.digested(), nil
}

func tokens(set []data.Encoded) (n int) {
	for _, e := range set {
		n += len(e.IDs)
	}
	return n
}

func pretrainStage(r *run, t *task) (stage, error) {
	p := r.exp.Pretrain
	masking, err := data.NewMasking(t.tok, p.Mask)
	if err != nil {
		return stage{}, configError(r.exp, "tokenizer.vocab", "tokenizer.vocab: "+err.Error())
	}
	l := train.Learner{Use: training(r.exp), Masking: masking}
	if l.Config, l.Params, err = (&source{r, t}).encoderToPretrain(); err != nil {
		return stage{}, err
	}
	l.Config.PretrainedLength = max(l.Config.PretrainedLength, slices.Max(data.Lengths(t.Train)))
	return stage{name: configs.StagePretrain, learner: l}, nil
}
