package paper

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A retraining retrains stage 1 of a run.
type retraining struct {
	run *report.Run
	Options
}

// over retrains with a strategy, once for each seed.
func (t retraining) over(ctx context.Context, strategy string, keep, seeds []int) (Selection, error) {
	s := Selection{Strategy: strategy}
	var dev, macs, padded []float64
	for _, seed := range seeds {
		result, err := t.once(ctx, strategy, keep, seed)
		if err != nil {
			return s, err
		}
		s.Runs = append(s.Runs, filepath.Dir(result.Dir))
		dev, macs, padded = append(dev, result.Dev), append(macs, result.MACs.Real), append(padded, result.MACs.Padded)
	}
	s.Dev, s.MACs, s.PaddedMACs = metric.SpreadOf(dev), metric.SpreadOf(macs), metric.SpreadOf(padded)
	return s, nil
}

// once is the result of stage 3 for one strategy, budget and seed. The name of
// its directory tells them all, so that another search does not meet its trials.
func (t retraining) once(ctx context.Context, strategy string, keep []int, seed int) (*rundir.Result, error) {
	if err := stopped(ctx); err != nil {
		return nil, err
	}
	list := text.List(keep)
	dir := rundir.Trial(t.run.Dir, fmt.Sprintf("%s-%s-seed-%d", strategy, strings.ReplaceAll(list, " ", "."), seed))
	e, err := configs.LoadRecord(rundir.ExperimentFile(t.run.Dir),
		"retrain.strategy="+strategy, "retrain.retention=["+strings.ReplaceAll(list, " ", ", ")+"]", fmt.Sprintf("seed=%d", seed))
	if err != nil {
		return nil, err
	}
	if was, none := rundir.ReadExperiment(dir); none == nil {
		if d := configs.Diff(was, e); slices.ContainsFunc(d, func(d configs.Difference) bool { return d.Affects(configs.StageRetrain) }) {
			return nil, rundir.Errorf(dir, "is a trial of other settings (%s); go back to them, or remove it to make it anew", d[0])
		}
	}
	if !rundir.Stage(dir, configs.StageRetrain).Complete() {
		t.Log.Info("retraining", "strategy", strategy, "retention", list, "seed", seed)
	}
	return pipeline.RetrainOn(ctx, e, t.training(dir), t.run.Dir)
}
