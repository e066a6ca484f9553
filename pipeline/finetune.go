package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// Finetune runs stage 1: it trains an encoder with a head for the task, from the experiment's
// pretrained model or from random weights, and keeps the best dev epoch.
func Finetune(ctx context.Context, e *configs.Experiment, o Options) (*rundir.Result, error) {
	return runStage(ctx, e, o, configs.StageFinetune, firstStage)
}

func firstStage(r *run, t *task) (stage, error) {
	if err := t.tellFindings(r.Log, r.exp.Data.Strict); err != nil {
		return stage{}, err
	}
	if label, one := t.problem.Positive(t.Metric, t.labels); one {
		r.Log.Info("f1 is of one label", "label", label)
	}
	config, params, err := (&source{r, t}).firstWeights()
	if err == nil {
		err = foretell(r, config, t)
		r.tellDepartures()
	}
	if err == nil {
		err = freezable(r.exp, &config)
	}
	return finetuneStage(r.exp, config, params), err
}

// freezable refuses to freeze more encoders than there are, and some of those that share
// their weights: these would learn by the others.
func freezable(e *configs.Experiment, c *arch.Config) error {
	n, all, net := e.Finetune.Freeze, c.NumHiddenLayers, c.Net()
	why := ""
	switch {
	case n > all:
		why = fmt.Sprintf("but the model has %d encoders", all)
	case n > 0 && n < all && len(net.Weighted()) < all:
		why = fmt.Sprintf("but the %d encoders of %s share their weights; want 0, or %d, which leaves the head alone", all, c.Family().Title, all)
	default:
		return nil
	}
	return configError(e, "finetune.freeze", fmt.Sprintf("finetune.freeze is %d, %s", n, why))
}

func finetuneStage(e *configs.Experiment, c arch.Config, p *model.Params[float32]) stage {
	use := training(e)
	use.Frozen = e.Finetune.Freeze
	return stage{name: configs.StageFinetune, learner: train.Learner{Config: c, Params: p, Use: use}}
}

// tellDepartures says once, as a run begins, where an experiment that searches as the
// paper does departs from it by default: one from before may have meant the paper.
func (r *run) tellDepartures() {
	e := r.exp
	if list := e.Departures(); !e.Search.Budgeted() && e.Compat == "" && len(list) > 0 {
		r.Log.Info("not the paper's protocol, which compat: paper has", "here", strings.Join(list, ", "))
	}
}
