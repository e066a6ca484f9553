package pipeline

import (
	"context"

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
	config, params, err := (&source{r, t}).firstWeights()
	if err == nil {
		err = foretell(r, config, t)
	}
	return finetuneStage(config, params), err
}

func finetuneStage(c arch.Config, p *model.Params[float32]) stage {
	return stage{name: configs.StageFinetune, learner: train.Learner{Config: c, Params: p, Use: model.Use{Train: true}}}
}
