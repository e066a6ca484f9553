package paper

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/look/plots"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/retention"
)

func (*Pareto) title() string { return "quality against multiply-adds and time" }

// curve names the curve that a model is a point of.
func (p *Pareto) curve(t *TradeOff) string {
	name := t.Kind
	if t.Strategy != "" && t.Strategy != retention.StrategyAttention {
		name += " by " + strategyName(t.Strategy)
	}
	if t.Score == retention.ScoreValue {
		name += " by " + retention.Scored(t.Score)
	}
	if t.Soft > 0 {
		name += " with soft targets"
	}
	if t.CLS > 0 {
		name += " with [CLS] states"
	}
	if t.Budgets > 0 {
		name += fmt.Sprintf(", one model of %d budgets", t.Budgets)
	}
	if slices.ContainsFunc(p.Models, func(other TradeOff) bool { return other.Seed != t.Seed }) {
		name += fmt.Sprintf(", seed %d", t.Seed)
	}
	return name
}

// names gives each model a name of its own.
func (p *Pareto) names() []string {
	names, count := make([]string, len(p.Models)), map[string]int{}
	for i := range p.Models {
		t := &p.Models[i]
		names[i] = p.curve(t)
		switch {
		case t.Budget > 0:
			names[i] += fmt.Sprintf(", budget %g", t.Budget)
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
			row = append(row, text.Millions(c[0].MACs), text.Times(c[1].MACs/c[0].MACs),
				text.Milliseconds(c[0].Milliseconds.Median), text.Times(c[1].Milliseconds.Median/c[0].Milliseconds.Median))
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
		fmt.Sprintf("ms: median of %d rounds in which the models take turns, one core, batches of %d, %d dev examples, %.1f word-pieces per %s in the mean, %s on %s.",
			p.Timing.Rounds, p.Timing.Batch, p.Timing.Examples, p.Timing.Length, p.sequence, p.Timing.Backend, p.Timing.CPU),
		"Beside a point of the picture stands its budget: its multiply-adds, unpadded, as a share of those of BERT. budget: the share that it was made for.",
		report.Chosen(p.HeldOut),
	}
	if slices.ContainsFunc(p.Models, func(t TradeOff) bool { r := t.model.Config.PowerRetention; return r != nil && r.PadQueriesVote }) {
		list = append(list, alwaysPadded)
	}
	return list
}

// panels draws quality against multiply-adds and, beside it, against milliseconds.
func (p *Pareto) panels() ([][]*plot.Plot, error) {
	macs, err := p.panel("multiply-adds per example, millions", func(c Cost) float64 { return c.MACs / 1e6 })
	if err != nil {
		return nil, err
	}
	time, err := p.panel("milliseconds per example", func(c Cost) float64 { return c.Milliseconds.Median })
	return [][]*plot.Plot{{macs, time}}, err
}

// panel draws the curves of models, none of them padded.
func (p *Pareto) panel(x string, cost func(Cost) float64) (*plot.Plot, error) {
	panel := plots.New("Neither padded", x, "dev "+p.Metric)
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
		if err := plots.Line(panel, i, name, points[name]); err != nil {
			return nil, err
		}
	}
	makeRoom(panel)
	panel.Add(p.budgets(cost, slices.Collect(maps.Values(points))))
	return panel, nil
}

// budgets are the points by their multiply-adds as a share of BERT's. The table has those
// that find no room.
func (p *Pareto) budgets(cost func(Cost) float64, curves []plotter.XYs) *plots.Names {
	names := &plots.Names{Curves: curves, Reach: 4 * vg.Millimeter}
	for _, t := range p.Models {
		names.Points = append(names.Points, plotter.XY{X: cost(t.Unpadded), Y: t.Dev})
		names.Texts = append(names.Texts, fmt.Sprintf("%.2f", t.Unpadded.MACs/p.Models[0].Unpadded.MACs))
	}
	names.Marks = names.Points
	return names
}
