package paper

import (
	"cmp"
	"context"
	"runtime"
	"slices"

	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// Pareto is quality against cost: of BERT, of PoWER-BERT for some λ, and of students
// of fewer encoders.
type Pareto struct {
	Metric   string        `json:"metric"`
	HeldOut  int           `json:"held_out,omitempty"` // rows that choices went by; 0: dev
	Models   []TradeOff    `json:"models"`             // the cheapest of a kind first
	Timing   report.Timing `json:"timing"`
	sequence string        // what passes a model by itself (problem.Kind.Sequence)
}

// pareto searches and retrains with o.Lambdas on the run directory's stage 1, and
// measures its models, those of the trials in it and of o.Runs.
func pareto(ctx context.Context, dir string, o Options) (*Figure, error) {
	r, err := report.OpenFinetuned(dir)
	if err != nil {
		return nil, err
	}
	if len(o.Lambdas) > 0 {
		release, err := rundir.HoldFinetune(dir)
		if err != nil {
			return nil, err
		}
		defer release()
	}
	for _, lambda := range distinct(o.Lambdas) {
		if err := stopped(ctx); err != nil {
			return nil, err
		}
		if err := pipeline.TryLambda(ctx, r.Experiment, o.training(dir), lambda); err != nil {
			return nil, err
		}
	}
	p := &Pareto{Metric: r.Experiment.Data.Metric, HeldOut: r.Choosing()}
	if err := p.gather(r, slices.Concat([]string{dir}, rundir.LambdaTrials(dir), o.Runs)); err != nil {
		return nil, err
	}
	if len(p.Models) == 1 {
		return nil, rundir.Errorf(dir, "nothing to compare with BERT here; try some λ with --lambdas, run `train retrain` or `train distil` first, or name more with --runs")
	}
	if err := p.weigh(ctx, r, o); err != nil {
		return nil, err
	}
	p.sort()
	return ofRun(r, p, publishedTable(r.Dense.Config.ModelType, r.Experiment.Data.Task),
		each(p.Models, func(t TradeOff) int { return t.Seed })...), nil
}

// gather opens the models of run directories, each once.
func (p *Pareto) gather(r *report.Run, dirs []string) error {
	for _, dir := range dirs {
		found, err := tradeOffs(r, dir)
		if err != nil {
			return err
		}
		for _, t := range found {
			if slices.ContainsFunc(p.Models, t.copies) {
				continue
			}
			if err := t.open(r); err != nil {
				return err
			}
			all, err := t.atBudgets()
			if err != nil {
				return err
			}
			p.Models = append(p.Models, all...)
		}
	}
	return nil
}

// weigh scores and times the models.
func (p *Pareto) weigh(ctx context.Context, r *report.Run, o Options) (err error) {
	n, dev := r.Experiment.Data.MaxLength, r.Dev.Encoded
	var ways []*infer.Timed
	for i := range p.Models {
		t := &p.Models[i]
		o.Log.Info("evaluating", "model", t.Dir, "examples", len(dev))
		pass, err := t.model.Run(ctx, dev, 0, runtime.GOMAXPROCS(0))
		if err != nil {
			return err
		}
		if t.Dev, _, err = pass.Outputs.Score(p.Metric); err != nil {
			return err
		}
		t.Encoders = t.model.Config.NumHiddenLayers
		t.Unpadded.MACs, t.Padded.MACs = t.model.Cost(dev, 0), t.model.Cost(dev, n)
		ways = append(ways, &infer.Timed{Model: t.model}, &infer.Timed{Model: t.model, PadTo: n})
	}
	p.Timing, err = report.Clock{Budget: o.Budget, Log: o.Log}.Time(ctx, ways, dev)
	p.sequence = r.Dev.Problem.Sequence()
	for i := range p.Models {
		p.Models[i].Unpadded.Milliseconds, p.Models[i].Padded.Milliseconds = ways[2*i].PerExample, ways[2*i+1].PerExample
	}
	return err
}

// sort puts the models in order and marks the best.
func (p *Pareto) sort() {
	slices.SortStableFunc(p.Models, func(a, b TradeOff) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Unpadded.MACs, b.Unpadded.MACs))
	})
	for i := range p.Models {
		t := &p.Models[i]
		t.Best = !slices.ContainsFunc(p.Models, func(o TradeOff) bool {
			atLeast := o.Dev >= t.Dev && o.Unpadded.MACs <= t.Unpadded.MACs
			return atLeast && (o.Dev > t.Dev || o.Unpadded.MACs < t.Unpadded.MACs)
		})
	}
}
