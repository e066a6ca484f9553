package experiments

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// Pareto is quality against cost: of BERT, of PoWER-BERT for some λ, and of students
// of fewer encoders.
type Pareto struct {
	Metric string     `json:"metric"`
	Models []TradeOff `json:"models"` // the cheapest of a kind first
	Timing Timing     `json:"timing"`
}

// A TradeOff is what a model reaches and costs.
type TradeOff struct {
	Kind     string  `json:"kind"` // "BERT", "PoWER-BERT", "distilbert" or "pkd"
	Dir      string  `json:"dir"`
	Encoders int     `json:"encoders"`
	Seed     int     `json:"seed"`
	Lambda   float64 `json:"lambda,omitempty"`       // of a search
	Strategy string  `json:"strategy,omitempty"`     // of PoWER-BERT: which word-vectors are kept
	Soft     float64 `json:"distil_alpha,omitempty"` // of PoWER-BERT: the share of soft targets in its loss
	Dev      float64 `json:"dev"`
	Unpadded Cost    `json:"unpadded"`
	Padded   Cost    `json:"padded"` // to N, as in the paper
	// Best tells that no other model is as good for fewer multiply-adds, unpadded.
	Best    bool `json:"pareto_optimal"`
	model   *infer.Model
	weights [sha256.Size]byte // of their file
}

// Cost is that of an example.
type Cost struct {
	MACs         float64      `json:"multiply_adds"` // of the encoders, as executed
	Milliseconds metric.Range `json:"milliseconds"`
}

// kinds are those of models, in the order in which they are shown.
var kinds = []string{"BERT", "PoWER-BERT", configs.MethodDistilBERT, configs.MethodPKD}

// pareto searches and retrains with o.Lambdas on the run directory's stage 1, and
// measures its models, those of the trials in it and of o.Runs.
func pareto(ctx context.Context, dir string, o FigureOptions) (*run, findingOfRun, error) {
	r, err := openFinetuned(dir)
	if err != nil {
		return nil, nil, err
	}
	if len(o.Lambdas) > 0 {
		release, err := rundir.HoldFinetune(dir)
		if err != nil {
			return nil, nil, err
		}
		defer release()
	}
	for _, lambda := range distinct(o.Lambdas) {
		if err := stopped(ctx); err != nil {
			return nil, nil, err
		}
		if err := pipeline.TryLambda(ctx, r.exp, o.training(dir), lambda); err != nil {
			return nil, nil, err
		}
	}
	p := &Pareto{Metric: r.exp.Data.Metric}
	for _, one := range slices.Concat([]string{dir}, rundir.LambdaTrials(dir), o.Runs) {
		found, err := r.tradeOffs(one)
		if err != nil {
			return nil, nil, err
		}
		for _, t := range found {
			if slices.ContainsFunc(p.Models, t.copies) {
				continue
			}
			if err := r.openModel(&t); err != nil {
				return nil, nil, err
			}
			p.Models = append(p.Models, t)
		}
	}
	r.seeds = distinct(each(p.Models, func(t TradeOff) int { return t.Seed }))
	if len(p.Models) == 1 {
		return nil, nil, rundir.Errorf(dir, "nothing to compare with BERT here; try some λ with --lambdas, run `train retrain` or `train distil` first, or name more with --runs")
	}
	if err := r.weigh(ctx, p, o); err != nil {
		return nil, nil, err
	}
	p.sort()
	return r, p, nil
}

// tradeOffs are what is complete in a run directory, not opened yet: stage 1 if it is its
// own, stage 3 and the students. Its data must be that of r.
func (r *run) tradeOffs(dir string) ([]TradeOff, error) {
	exp, err := rundir.ReadExperiment(dir)
	if err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(exp.Data, r.exp.Data) {
		return nil, rundir.Errorf(dir, "the section data of its experiment is not that of %s, so their figures cannot be compared", r.dir)
	}
	if exp.Data.Task == data.TaskDemo && exp.Seed != r.exp.Seed {
		return nil, rundir.Errorf(dir, "the demo task makes its data from the seed, and %d is not that of %s (%d), so their figures cannot be compared", exp.Seed, r.dir, r.exp.Seed)
	}
	var list []TradeOff
	if s := rundir.Stage(dir, configs.StageFinetune); s.Complete() {
		list = append(list, TradeOff{Kind: kinds[0], Dir: string(s)})
	}
	if s := rundir.Stage(dir, configs.StageRetrain); s.Complete() {
		t := TradeOff{Kind: kinds[1], Dir: string(s), Strategy: exp.Retrain.Strategy, Soft: exp.Retrain.Distil.Alpha}
		if len(exp.Retrain.Retention) == 0 { // else no λ has led to it
			found, err := rundir.ReadRetention(dir)
			if err != nil {
				return nil, err
			}
			t.Lambda = found.Lambda
		}
		list = append(list, t)
	}
	for _, name := range rundir.Students(dir) {
		if s := rundir.Stage(dir, name); s.Complete() {
			method, _, _ := configs.ParseStudent(name)
			list = append(list, TradeOff{Kind: method, Dir: string(s)})
		}
	}
	for i := range list {
		t := &list[i]
		weights, err := os.ReadFile(filepath.Join(t.Dir, "model.safetensors"))
		if err != nil {
			return nil, err
		}
		t.Seed, t.weights = exp.Seed, sha256.Sum256(weights)
	}
	return list, nil
}

// openModel opens the model, which must read the dev set as r does.
func (r *run) openModel(t *TradeOff) (err error) {
	if t.Dir == filepath.Join(r.dir, configs.StageFinetune) {
		t.model = r.dense
		return nil
	}
	n := r.exp.Data.MaxLength
	if t.model, err = infer.Open(t.Dir, n); err != nil {
		return err
	}
	if data.Fingerprint(data.Encode(r.texts, t.model.Tokenizer, n)) != data.Fingerprint(r.dev) {
		return rundir.Errorf(t.Dir, "its tokenizer makes other word-pieces of the dev set than that of %s, so their figures cannot be compared", r.dir)
	}
	return nil
}

// copies tells whether two models are the same: a trial that was taken over is in two
// places, and so is a stage 1 that runs share.
func (t TradeOff) copies(other TradeOff) bool {
	return t.Kind == other.Kind && t.weights == other.weights
}

// weigh scores and times the models.
func (r *run) weigh(ctx context.Context, p *Pareto, o FigureOptions) (err error) {
	n := r.exp.Data.MaxLength
	var ways []*infer.Timed
	for i := range p.Models {
		t := &p.Models[i]
		o.Log.Info("evaluating", "model", t.Dir, "examples", len(r.dev))
		pass, err := t.model.Run(ctx, r.dev, 0, runtime.GOMAXPROCS(0))
		if err != nil {
			return err
		}
		if t.Dev, _, err = r.score(r.dev, pass.Predictions); err != nil {
			return err
		}
		t.Encoders = t.model.Config.NumHiddenLayers
		t.Unpadded.MACs, t.Padded.MACs = t.model.Cost(r.dev, 0), t.model.Cost(r.dev, n)
		ways = append(ways, &infer.Timed{Model: t.model}, &infer.Timed{Model: t.model, PadTo: n})
	}
	p.Timing, err = r.clock(ctx, ways, timedBatch, Options{Budget: o.Budget, Log: o.Log}.prepare())
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

func (*Pareto) title() string { return "quality against multiply-adds and time" }

// curve names those that a model is shown with.
func (p *Pareto) curve(t *TradeOff) string {
	name := t.Kind
	if t.Strategy != "" && t.Strategy != retention.StrategyAttention {
		name += " by " + strategyName(t.Strategy)
	}
	if t.Soft > 0 {
		name += " with soft targets"
	}
	if slices.ContainsFunc(p.Models, func(other TradeOff) bool { return other.Seed != t.Seed }) {
		name += fmt.Sprintf(", seed %d", t.Seed)
	}
	return name
}

// names tell the models apart.
func (p *Pareto) names() []string {
	names, count := make([]string, len(p.Models)), map[string]int{}
	for i := range p.Models {
		t := &p.Models[i]
		names[i] = p.curve(t)
		switch {
		case t.Lambda > 0:
			names[i] += fmt.Sprintf(", λ = %g", t.Lambda)
		case slices.Index(kinds, t.Kind) > 1:
			names[i] = configs.StudentStage(t.Kind, t.Encoders) + strings.TrimPrefix(names[i], t.Kind)
		}
		count[names[i]]++
	}
	for i, name := range names {
		if count[name] > 1 {
			names[i] += " (" + p.Models[i].Dir + ")"
		}
	}
	return names
}

func (p *Pareto) rows() [][]string {
	names := p.names()
	bert := p.Models[0]
	rows := [][]string{
		{"", "dev", "unpadded:", "fewer", "ms per", "faster", "padded:", "fewer", "ms per", "faster", "pareto"},
		{"", p.Metric, "multiply-adds", "", "example", "", "multiply-adds", "", "example", "", "optimal"},
	}
	for i, t := range p.Models {
		row := []string{names[i], fmt.Sprintf("%.4f", t.Dev)}
		for _, c := range [][2]Cost{{t.Unpadded, bert.Unpadded}, {t.Padded, bert.Padded}} {
			row = append(row, millions(c[0].MACs), times(c[1].MACs/c[0].MACs),
				ms(c[0].Milliseconds.Median), times(c[1].Milliseconds.Median/c[0].Milliseconds.Median))
		}
		if t.Best {
			row = append(row, "yes")
		}
		rows = append(rows, row)
	}
	return rows
}

func (p *Pareto) notes() []string {
	list := []string{
		"dev: none of the inputs padded. unpadded: against BERT without padding; padded: every input filled up to N, against BERT so, as in the paper. " +
			"multiply-adds: of the encoders, mean over the dev set, as executed. pareto optimal: no other is as good for fewer multiply-adds, unpadded.",
		fmt.Sprintf("ms: median of %d rounds in which the models take turns, one core, batches of %d, %d dev examples of %.1f word-pieces in the mean, %s on %s.",
			p.Timing.Rounds, p.Timing.Batch, p.Timing.Examples, p.Timing.Length, p.Timing.Backend, p.Timing.CPU),
		"The dev set chose the epochs of all of them, so no figure here is a test score.",
	}
	if slices.ContainsFunc(p.Models, func(t TradeOff) bool { r := t.model.Config.PowerRetention; return r != nil && r.PadQueriesVote }) {
		list = append(list, alwaysPadded)
	}
	return list
}

func (*Pareto) published(r *run) []string {
	return publishedTable(r.dense.Config.ModelType, r.exp.Data.Task)
}

// panels are quality against multiply-adds and, beside it, against milliseconds.
func (p *Pareto) panels() ([][]*plot.Plot, error) {
	macs, err := p.panel("multiply-adds per example, millions", func(c Cost) float64 { return c.MACs / 1e6 })
	if err != nil {
		return nil, err
	}
	time, err := p.panel("milliseconds per example", func(c Cost) float64 { return c.Milliseconds.Median })
	return [][]*plot.Plot{{macs, time}}, err
}

// panel has curves of models, none of them padded.
func (p *Pareto) panel(x string, cost func(Cost) float64) (*plot.Plot, error) {
	panel := newPanel("Neither padded", x, "dev "+p.Metric)
	panel.X.Min = 0
	var curves []string
	points := map[string]plotter.XYs{}
	for _, t := range p.Models {
		name := p.curve(&t)
		if points[name] == nil {
			curves = append(curves, name)
		}
		points[name] = append(points[name], plotter.XY{X: cost(t.Unpadded), Y: t.Dev})
	}
	for i, name := range curves {
		if err := addLine(panel, i, name, points[name]); err != nil {
			return nil, err
		}
	}
	makeRoom(panel, len(curves))
	return panel, nil
}
