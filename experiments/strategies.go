package experiments

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// DefaultScales are the budgets of the comparison of strategies.
var DefaultScales = []float64{0.25, 0.5, 0.75, 1}

// Strategies compares which word-vectors an encoder keeps at the same number of them.
type Strategies struct {
	Metric   string      `json:"metric"`
	BERT     float64     `json:"bert"` // the metric on the dev set, of stage 1
	MACs     rundir.MACs `json:"multiply_adds"`
	Majority float64     `json:"majority"` // the metric of the best answer that is the same for all examples
	Signal   bool        `json:"signal"`   // stage 1 beats it by more than chance would
	Searched []int       `json:"retention"`
	From     string      `json:"retention_from"` // "search", or "retrain.retention" of the experiment
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
// with each seed, in a run directory of its own under DIR/trials. What is complete is
// not run again, and what was interrupted goes on.
func strategies(ctx context.Context, dir string, o FigureOptions) (*run, findingOfRun, error) {
	r, err := openFinetuned(dir)
	if err != nil {
		return nil, nil, err
	}
	release, err := rundir.HoldFinetune(dir)
	if err != nil {
		return nil, nil, err
	}
	defer release()
	s, err := r.budgets(o)
	if err != nil {
		return nil, nil, err
	}
	for i := range s.Budgets {
		b := &s.Budgets[i]
		for _, strategy := range strategyNames {
			found, err := r.selection(ctx, strategy.key, b.Retention, s.Seeds, o)
			if err != nil {
				return nil, nil, err
			}
			b.Strategies = append(b.Strategies, found)
		}
	}
	return r, s, nil
}

// budgets is the comparison before anything is trained.
func (r *run) budgets(o FigureOptions) (*Strategies, error) {
	s := &Strategies{Metric: r.exp.Data.Metric, Seeds: distinct(o.Seeds, r.exp.Seed), Searched: r.exp.Retrain.Retention, From: "retrain.retention"}
	if r.exp.Data.Task == data.TaskDemo && !slices.Equal(s.Seeds, []int{r.exp.Seed}) {
		return nil, rundir.Errorf(r.dir, "the demo task makes its data from the seed, so other seeds than %d are other data; leave out --seeds", r.exp.Seed)
	}
	if len(s.Searched) == 0 {
		if _, err := rundir.ReadResult(r.dir, configs.StageSearch); err != nil {
			return nil, err
		}
		found, err := rundir.ReadRetention(r.dir)
		if err != nil {
			return nil, err
		}
		s.Searched, s.From = found.Retention, configs.StageSearch
	}
	first, err := rundir.ReadResult(r.dir, configs.StageFinetune)
	if err != nil {
		return nil, err
	}
	s.BERT, s.MACs = first.Dev, first.MACs
	if s.Majority, err = r.majority(); err != nil {
		return nil, err
	}
	s.Signal = r.signal(s.BERT, s.Majority)
	for _, scale := range slices.Backward(distinct(o.Scales, DefaultScales...)) {
		s.Budgets = append(s.Budgets, Budget{Scale: scale, Retention: scaled(s.Searched, scale, r.exp.Data.MaxLength)})
	}
	s.Budgets = slices.CompactFunc(s.Budgets, func(a, b Budget) bool { return slices.Equal(a.Retention, b.Retention) })
	slices.Reverse(s.Budgets)
	return s, nil
}

// distinct are the values, or others where there are none, sorted and each once.
func distinct[T cmp.Ordered](values []T, others ...T) []T {
	if len(values) == 0 {
		values = others
	}
	return slices.Compact(slices.Sorted(slices.Values(values)))
}

// scaled is a retention configuration times a factor, rounded up as masses are, at
// least 1 and at most N. It stays one that only falls.
func scaled(keep []int, scale float64, most int) []int {
	return each(keep, func(l int) int { return min(most, max(1, int(math.Ceil(scale*float64(l)-1e-9)))) })
}

// selection retrains with a strategy, once for each seed.
func (r *run) selection(ctx context.Context, strategy string, keep, seeds []int, o FigureOptions) (Selection, error) {
	s := Selection{Strategy: strategy}
	var dev, macs, padded []float64
	for _, seed := range seeds {
		result, err := r.retrained(ctx, strategy, keep, seed, o)
		if err != nil {
			return s, err
		}
		s.Runs = append(s.Runs, filepath.Dir(result.Dir))
		dev, macs, padded = append(dev, result.Dev), append(macs, result.MACs.Real), append(padded, result.MACs.Padded)
	}
	s.Dev, s.MACs, s.PaddedMACs = metric.SpreadOf(dev), metric.SpreadOf(macs), metric.SpreadOf(padded)
	return s, nil
}

// retrained is the result of stage 3 for one strategy, budget and seed. The name of
// its directory tells them all, so that another search does not meet its trials.
func (r *run) retrained(ctx context.Context, strategy string, keep []int, seed int, o FigureOptions) (*rundir.Result, error) {
	if err := stopped(ctx); err != nil {
		return nil, err
	}
	list := strings.Trim(fmt.Sprint(keep), "[]")
	dir := rundir.Trial(r.dir, fmt.Sprintf("%s-%s-seed-%d", strategy, strings.ReplaceAll(list, " ", "."), seed))
	e, err := configs.LoadRecord(rundir.ExperimentFile(r.dir),
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
		o.Log.Info("retraining", "strategy", strategy, "retention", list, "seed", seed)
	}
	return pipeline.RetrainOn(ctx, e, o.training(dir), r.dir)
}

func (*Strategies) title() string { return "which word-vectors to keep, at the same number of them" }

func (s *Strategies) rows() [][]string {
	rows := [][]string{
		{"", "kept,", "", "dev", "unpadded:", "fewer", "padded:", "fewer"},
		{"budget", "encoder by encoder", "strategy", s.Metric, "multiply-adds", "", "multiply-adds", ""},
		{"BERT", "all", "–", fmt.Sprintf("%.4f", s.BERT), millions(s.MACs.Real), times(1), millions(s.MACs.Padded), times(1)},
	}
	for _, b := range s.Budgets {
		budget, kept := fmt.Sprintf("× %g", b.Scale), strings.Trim(fmt.Sprint(b.Retention), "[]")
		for i, one := range b.Strategies {
			rows = append(rows, []string{budget, kept, strategyNames[i].name, one.Dev.Text("%.4f", 1),
				millions(one.MACs.Mean), times(s.MACs.Real / one.MACs.Mean), millions(one.PaddedMACs.Mean), times(s.MACs.Padded / one.PaddedMACs.Mean)})
			budget, kept = "", ""
		}
	}
	return rows
}

func (s *Strategies) notes() []string {
	from := map[string]string{configs.StageSearch: "that the search found, ranking by attention"}
	list := []string{
		"Attn-WS keeps the word-vectors that receive most attention, Rand-WS positions drawn once, Head-WS the first positions. At a budget all three have " +
			"the same retention configuration: the one " + cmp.Or(from[s.From], "that "+s.From+" gives") + ", times a factor, rounded up.",
		"All are retrained from the one stage 1, without a search in between, for the same epochs. unpadded: against BERT without padding; padded: against BERT, every " +
			"input filled up to N. With padding all three cost the same; without it a static strategy keeps less of short inputs where ranks are absolute.",
		fmt.Sprintf("One answer for all dev examples scores %.4f. The dev set chose the epochs of all of them, so no figure here is a test score.", s.Majority),
	}
	if !s.Signal {
		list = append(list, "without signal: stage 1 is not above that by two standard errors of the dev set, so nothing follows from the table.")
	}
	if len(s.Seeds) > 1 {
		return append(list, fmt.Sprintf("±: standard deviation over the seeds %s of stage 3: of the order of the data and dropout and, in Rand-WS, of the positions drawn.",
			strings.Trim(fmt.Sprint(s.Seeds), "[]")))
	}
	return append(list, "One seed of stage 3: small differences say nothing; --seeds gives their spread, in Rand-WS over positions drawn anew.")
}

func (*Strategies) published(r *run) []string {
	return append([]string{"BERT-base on SST-2's dev set, one retention configuration for all: Head-WS 85.4 %, Rand-WS 85.7 %, Attn-WS 88.3 %; " +
		"on its inputs of more than 16 word-pieces 83.7, 83.4 and 87.4 %"},
		publishedTable(r.dense.Config.ModelType, r.exp.Data.Task)...)
}

// panels are quality against multiply-adds, a line for each strategy: not padded, and
// padded.
func (s *Strategies) panels() ([][]*plot.Plot, error) {
	unpadded, err := s.panel("Neither padded", func(o Selection) metric.Spread { return o.MACs }, s.MACs.Real)
	if err != nil {
		return nil, err
	}
	padded, err := s.panel("Both padded", func(o Selection) metric.Spread { return o.PaddedMACs }, s.MACs.Padded)
	return [][]*plot.Plot{{unpadded, padded}}, err
}

func (s *Strategies) panel(title string, cost func(Selection) metric.Spread, bert float64) (*plot.Plot, error) {
	p := newPanel(title, "multiply-adds per example, millions", "dev "+s.Metric)
	p.X.Min = 0
	for i, strategy := range strategyNames {
		var points withDeviations
		for _, b := range s.Budgets {
			dev := b.Strategies[i].Dev
			points.XYs = append(points.XYs, plotter.XY{X: cost(b.Strategies[i]).Mean / 1e6, Y: dev.Mean})
			points.YErrors = append(points.YErrors, struct{ Low, High float64 }{dev.SD, dev.SD})
		}
		if err := addLine(p, i, strategy.name, points.XYs); err != nil {
			return nil, err
		}
		bars, err := plotter.NewYErrorBars(points)
		if err != nil {
			return nil, err
		}
		bars.Color = plotutil.Color(i)
		p.Add(bars)
	}
	if err := addLevel(p, "BERT", 0, bert/1e6, s.BERT); err != nil {
		return nil, err
	}
	makeRoom(p, len(strategyNames)+1)
	return p, nil
}

// withDeviations are points with a deviation up and down each.
type withDeviations struct {
	plotter.XYs
	plotter.YErrors
}
