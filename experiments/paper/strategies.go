package paper

import (
	"context"
	"math"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// DefaultScales are the budgets of the comparison of strategies.
var DefaultScales = []float64{0.25, 0.5, 0.75, 1}

// Strategies compares which word-vectors an encoder keeps at the same number of them.
type Strategies struct {
	Metric   string      `json:"metric"`
	HeldOut  int         `json:"held_out,omitempty"` // rows that choices went by; 0: dev
	BERT     float64     `json:"bert"`               // the metric on the dev set, of stage 1
	MACs     rundir.MACs `json:"multiply_adds"`
	Majority float64     `json:"majority"` // the metric of the best answer that is the same for all examples
	Signal   bool        `json:"signal"`   // stage 1 beats it by more than chance would
	Searched []int       `json:"retention"`
	Score    string      `json:"score"`          // of Attn-WS: retrain.score of the experiment
	From     string      `json:"retention_from"` // "search", "retrain" without one, or "retrain.retention" of the experiment
	Seeds    []int       `json:"seeds"`          // of the retraining
	Budgets  []Budget    `json:"budgets"`        // the smallest first
}

// A Budget is a retention configuration, and what each strategy reaches with it.
type Budget struct {
	Scale      float64     `json:"scale"` // of Strategies.Searched
	Retention  []int       `json:"retention"`
	Strategies []Selection `json:"strategies"` // in the order of strategyNames
}

// A Selection is what a strategy reaches and costs, over the seeds.
type Selection struct {
	Strategy   string        `json:"strategy"` // "attention", "random" or "head"
	Dev        metric.Spread `json:"dev"`
	MACs       metric.Spread `json:"multiply_adds"` // per dev example, not padded
	PaddedMACs metric.Spread `json:"padded"`
	Runs       []string      `json:"runs"`
}

// strategyNames are the strategies as the paper calls them, in the order in which they
// are shown.
var strategyNames = []struct{ key, name string }{
	{retention.StrategyAttention, "Attn-WS"}, {retention.StrategyRandom, "Rand-WS"}, {retention.StrategyHead, "Head-WS"},
}

func strategyName(key string) string {
	for _, s := range strategyNames {
		if s.key == key {
			return s.name
		}
	}
	return key
}

// strategies retrains stage 1 of a run directory with each strategy, at each budget,
// with each seed, in a run directory of its own among its trials. What is complete is
// not run again, and what was interrupted goes on.
func strategies(ctx context.Context, dir string, o Options) (*Figure, error) {
	r, err := report.OpenFinetuned(dir)
	if err != nil {
		return nil, err
	}
	release, err := rundir.HoldFinetune(dir)
	if err != nil {
		return nil, err
	}
	defer release()
	s, err := budgets(r, o)
	if err != nil {
		return nil, err
	}
	train := retraining{r, o}
	for i := range s.Budgets {
		b := &s.Budgets[i]
		for _, strategy := range strategyNames {
			found, err := train.over(ctx, strategy.key, b.Retention, s.Seeds)
			if err != nil {
				return nil, err
			}
			b.Strategies = append(b.Strategies, found)
		}
	}
	return ofRun(r, s, publishedTable(r.Dense.Config.ModelType, r.Experiment.Data.Task)), nil
}

// budgets makes the comparison, without what is trained for it.
func budgets(r *report.Run, o Options) (*Strategies, error) {
	e := r.Experiment
	s := &Strategies{Metric: e.Data.Metric, HeldOut: r.Choosing(), Score: e.Retrain.Score, Seeds: distinct(o.Seeds, e.Seed)}
	if e.Data.Task == data.TaskDemo && !slices.Equal(s.Seeds, []int{e.Seed}) {
		return nil, rundir.Errorf(r.Dir, "the demo task makes its data from the seed, so other seeds than %d are other data; leave out --seeds", e.Seed)
	}
	if err := s.configure(r); err != nil {
		return nil, err
	}
	first, err := rundir.ReadResult(r.Dir, configs.StageFinetune)
	if err != nil {
		return nil, err
	}
	s.BERT, s.MACs = first.Dev, first.MACs
	if s.Majority, _, err = r.Constant(s.Metric); err != nil {
		return nil, err
	}
	s.Signal = r.Signal(s.BERT, s.Majority)
	for _, scale := range slices.Backward(distinct(o.Scales, DefaultScales...)) {
		s.Budgets = append(s.Budgets, Budget{Scale: scale, Retention: scaled(s.Searched, scale, e.Data.MaxLength)})
	}
	s.Budgets = slices.CompactFunc(s.Budgets, func(a, b Budget) bool { return slices.Equal(a.Retention, b.Retention) })
	slices.Reverse(s.Budgets)
	return s, nil
}

// configure takes the retention configuration that the experiment gives, or else that of
// the search, or without one that of stage 3.
func (s *Strategies) configure(r *report.Run) error {
	e := r.Experiment
	if s.Searched, s.From = e.Retrain.Retention, "retrain.retention"; len(s.Searched) > 0 {
		return nil
	}
	if !e.Searches() {
		return s.configureByStage3(r)
	}
	if _, err := rundir.ReadResult(r.Dir, configs.StageSearch); err != nil {
		return err
	}
	found, err := rundir.ReadRetention(r.Dir)
	if err != nil {
		return err
	}
	s.Searched, s.From = found.Retention, configs.StageSearch
	return nil
}

// configureByStage3 takes the list that stage 3 was trained with.
func (s *Strategies) configureByStage3(r *report.Run) error {
	if _, err := rundir.ReadResult(r.Dir, configs.StageRetrain); err != nil {
		return err
	}
	dir := rundir.Stage(r.Dir, configs.StageRetrain)
	c, err := model.ReadConfig(string(dir))
	if err != nil {
		return err
	}
	if d := &r.Dense.Config; c.PowerRetention == nil || c.NumHiddenLayers != d.NumHiddenLayers || c.IntermediateSize != d.IntermediateSize {
		return rundir.Errorf(string(dir), "is a student of %d encoders of %d feed-forward neurons, and its list is none for stage 1's %d of %d; compare strategies in a run of train run --lambda, "+
			"with search.candidates [geometric], or with retrain.retention", c.NumHiddenLayers, c.IntermediateSize, d.NumHiddenLayers, d.IntermediateSize)
	}
	s.Searched, s.From = c.PowerRetention.Keep, configs.StageRetrain
	return nil
}

// scaled multiplies a retention configuration by a factor, rounded up as masses are, at
// least 1 and at most N. It stays one that only falls.
func scaled(keep []int, scale float64, most int) []int {
	return each(keep, func(l int) int { return min(most, max(1, int(math.Ceil(scale*float64(l)-1e-9)))) })
}
