package train

import (
	"log/slog"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/optim"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/predict"
)

// A Learner is a model, and how it learns.
type Learner struct {
	Config  arch.Config
	Params  *model.Params[float32]
	Soft    *model.SoftExtract[float32] // of a search; else nil
	Use     model.Use                   // of the networks that train
	Masking *data.Masking               // of masked-language modelling; nil: it learns a task
	Teacher *Teacher                    // of distillation; nil: none
}

// Grown is the learner with so many encoders, made of those that it has: over and over
// (Gong et al. 2019, progressive stacking).
func (l Learner) Grown(encoders int) Learner {
	before := l
	l.Config = l.Config.Clone()
	l.Config.NumHiddenLayers = encoders
	l.Params = model.NewParams[float32](l.Config)
	model.Inherit(l.Params, before.Params, stackedOn(before.Config.NumHiddenLayers))
	return l
}

// stackedOn says which of so many encoders the j-th of a larger model begins as.
func stackedOn(encoders int) func(j int) int { return func(j int) int { return j % encoders } }

// inheritState is the state of a model's optimiser, of the names in like, made of that
// of the model it inherits from: begins has the name there of each.
func inheritState(like, state optim.State[float32], begins map[string]string) optim.State[float32] {
	byName := map[string]optim.Moments[float32]{}
	for _, m := range state.Moments {
		byName[m.Name] = m
	}
	for i, m := range like.Moments {
		from, ok := byName[begins[m.Name]]
		if !ok {
			continue // it begins without
		}
		like.Moments[i] = optim.Moments[float32]{Name: m.Name, M: from.M, V: from.V}
	}
	like.Step = state.Step
	return like
}

// WarnOfPrecision warns where the learner reads bfloat16 and the processor does not multiply it.
func (l *Learner) WarnOfPrecision(log *slog.Logger) {
	if l.Use.Precision == kernel.BF16 && !kernel.BF16Pays() {
		log.Warn("this processor has no instructions for bfloat16: precision: bf16 gives the same weights as elsewhere, but much more slowly than float32")
	}
}

// Evaluators are networks that score what the learner has learned.
func (l *Learner) Evaluators(workers int) (predict.Replicas, error) {
	use := l.Use
	use.Train = false
	return predict.NewReplicas(workers, l.Config, l.Params, l.Soft, use)
}

// Examples are what a stage learns from and is scored on.
type Examples struct {
	Train, Dev []data.Encoded
	HeldOut    []data.Encoded // what choices go by, in place of Dev; nil: none
	Also       []data.Encoded // a second dev set, which decides nothing; nil: none
	AlsoName   string
	PadTo      int    // rows per sequence; 0: as many as it has tokens
	Metric     string // that sets are scored by
	Digest     string // tells these examples from others
}

// Chooses are the examples that evaluations score and choices go by.
func (x *Examples) Chooses() []data.Encoded {
	if x.HeldOut != nil {
		return x.HeldOut
	}
	return x.Dev
}

// seen is a dev set, or as much of it as a dry run looks at, spread over the set: it may
// be sorted by label.
func seen(p plan.Plan, set []data.Encoded) []data.Encoded {
	n := p.MaxSteps * predict.BatchSequences
	if n == 0 || n >= len(set) {
		return set
	}
	some := make([]data.Encoded, n)
	for i, at := range data.Spread(len(set), n) {
		some[i] = set[at]
	}
	return some
}
