package paper

import (
	"cmp"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/look"
	"github.com/powerbert/powerbert/experiments/look/plots"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/retention"
)

func (*Strategies) title() string { return "which word-vectors to keep, at the same number of them" }

func (s *Strategies) rows() [][]string {
	rows := [][]string{
		{"", "kept,", "", "dev", "unpadded:", "fewer", "padded:", "fewer"},
		{"budget", "encoder by encoder", "strategy", s.Metric, "multiply-adds", "", "multiply-adds", ""},
		{"BERT", "all", "–", fmt.Sprintf("%.4f", s.BERT), text.Millions(s.MACs.Real), text.Times(1), text.Millions(s.MACs.Padded), text.Times(1)},
	}
	for _, b := range s.Budgets {
		budget, kept := fmt.Sprintf("× %g", b.Scale), text.List(b.Retention)
		for i, one := range b.Strategies {
			rows = append(rows, []string{budget, kept, strategyNames[i].name, one.Dev.Text("%.4f", 1),
				text.Millions(one.MACs.Mean), text.Times(s.MACs.Real / one.MACs.Mean), text.Millions(one.PaddedMACs.Mean), text.Times(s.MACs.Padded / one.PaddedMACs.Mean)})
			budget, kept = "", ""
		}
	}
	return rows
}

func (s *Strategies) notes() []string {
	from := map[string]string{configs.StageSearch: "that the search found"}
	list := []string{
		"Attn-WS keeps the word-vectors that come to most by " + retention.Scored(s.Score) + ", Rand-WS positions drawn once, Head-WS the first positions. At a budget all three have " +
			"the same retention configuration: the one " + cmp.Or(from[s.From], "that "+s.From+" gives") + ", times a factor, rounded up.",
		"All are retrained from the one stage 1, without a search in between, for the same epochs. unpadded: against BERT without padding; padded: against BERT, every " +
			"input filled up to N. With padding all three cost the same; without it a static strategy keeps less of short inputs where ranks are absolute.",
		fmt.Sprintf("One answer for all dev examples scores %.4f. %s", s.Majority, report.Chosen(s.HeldOut)),
	}
	if !s.Signal {
		list = append(list, "without signal: stage 1 is not above that by two standard errors of the dev set, so nothing follows from the table.")
	}
	if len(s.Seeds) > 1 {
		return append(list, fmt.Sprintf("±: standard deviation over the seeds %s of stage 3: of the order of the data and dropout and, in Rand-WS, of the positions drawn.",
			text.List(s.Seeds)))
	}
	return append(list, "One seed of stage 3: small differences say nothing; --seeds gives their spread, in Rand-WS over positions drawn anew.")
}

// panels draws quality against multiply-adds, a line for each strategy: not padded, and
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
	p := plots.New(title, "multiply-adds per example, millions", "dev "+s.Metric)
	p.X.Min = 0
	for i, strategy := range strategyNames {
		var points withDeviations
		for _, b := range s.Budgets {
			dev := b.Strategies[i].Dev
			points.XYs = append(points.XYs, plotter.XY{X: cost(b.Strategies[i]).Mean / 1e6, Y: dev.Mean})
			points.YErrors = append(points.YErrors, struct{ Low, High float64 }{dev.SD, dev.SD})
		}
		if err := plots.Line(p, i, strategy.name, points.XYs); err != nil {
			return nil, err
		}
		bars, err := plotter.NewYErrorBars(points)
		if err != nil {
			return nil, err
		}
		bars.Color = look.Color(i)
		p.Add(bars)
	}
	if err := plots.Level(p, "BERT", 0, bert/1e6, s.BERT); err != nil {
		return nil, err
	}
	makeRoom(p)
	return p, nil
}

// withDeviations are points with a deviation up and down each.
type withDeviations struct {
	plotter.XYs
	plotter.YErrors
}
