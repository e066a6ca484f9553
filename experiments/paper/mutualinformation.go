package paper

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/look/plots"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// MutualInformation is what is left of the labels of stage 1's model when one
// word-vector is removed (Goyal et al. 2020, figure 3b): I(X; Y) of the label X that
// BERT gives and the label Y that it gives without the k-th most significant
// word-vector at encoder j.
type MutualInformation struct {
	Entropy  float64   `json:"entropy"` // H(X) over the dev set, nats
	Ranks    []Removed `json:"ranks"`
	Encoders []int     `json:"encoders"` // those of Ranks, j from 1
	Score    string    `json:"score"`    // by which ranks are: search.score of the run
}

// Removed is what comes of removing the word-vector of one rank.
type Removed struct {
	Rank        int       `json:"rank"`        // k, from 1, [CLS] not counted
	Examples    int       `json:"examples"`    // that have so many word-vectors: the others are not counted
	Entropy     float64   `json:"entropy"`     // H(X) over those
	Information []float64 `json:"information"` // I(X; Y), nats, per encoder
	Changed     []int     `json:"changed"`     // labels that become others, per encoder
}

const mostRanks = 32 // that are tried

// shownEncoders are those of the paper.
var shownEncoders = []int{1, 3, 6, 9}

// mutualInformation measures it on the dev set of a run directory.
func mutualInformation(ctx context.Context, dir string, o Options) (*Figure, error) {
	r, err := report.OpenFinetuned(dir)
	if err != nil {
		return nil, err
	}
	last := r.Dense.Config.NumHiddenLayers
	switch {
	case r.Dev.Problem.Classes(r.Dev.Labels) == 0:
		return nil, rundir.Errorf(dir, "the run is a regression, which outputs no labels; mutual-information wants a classification")
	case r.Dev.Problem.Several():
		return nil, rundir.Errorf(dir, "the run's texts have several labels or none; mutual-information wants a classification with one label")
	case last < 2:
		return nil, rundir.Errorf(dir, "the model has one encoder, and the head does not read what that removes; want 2 or more")
	}
	pass, err := r.Dense.Run(ctx, r.Dev.Encoded, 0, runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	x := pass.Outputs.Classes()
	m := &MutualInformation{Entropy: metric.Entropy(x), Score: r.Experiment.Search.Score}
	for _, j := range shownEncoders {
		if j < last {
			m.Encoders = append(m.Encoders, j)
		}
	}
	for _, k := range ranksUpTo(middle(r.Dev.Encoded)) {
		o.Log.Info("removing one word-vector", "rank", k, "encoders", fmt.Sprint(m.Encoders))
		at, err := without(ctx, r, k, m.Encoders, x)
		if err != nil {
			return nil, err
		}
		m.Ranks = append(m.Ranks, at)
	}
	return ofRun(r, m, m.published()), nil
}

// without removes the word-vector of rank k at some encoders in turn, from the dev
// examples that have one; x are the labels of all of them.
func without(ctx context.Context, r *report.Run, k int, encoders, x []int) (Removed, error) {
	var examples []data.Encoded
	var before []int
	for i, e := range r.Dev.Encoded {
		if removable(&e) >= k {
			examples, before = append(examples, e), append(before, x[i])
		}
	}
	at := Removed{Rank: k, Examples: len(examples), Entropy: metric.Entropy(before)}
	for _, j := range encoders {
		m, err := r.Dense.Without(j, k, r.Experiment.Search.Score)
		if err != nil {
			return at, err
		}
		pass, err := m.Run(ctx, examples, 0, runtime.GOMAXPROCS(0))
		if err != nil {
			return at, err
		}
		after, changed := pass.Outputs.Classes(), 0
		for i := range after {
			if after[i] != before[i] {
				changed++
			}
		}
		at.Information, at.Changed = append(at.Information, metric.MutualInformation(before, after)), append(at.Changed, changed)
	}
	return at, nil
}

// removable counts the word-vectors beside [CLS] that each sequence of an example has.
func removable(e *data.Encoded) int {
	least := -1
	for s := range e.Sequences() {
		if n := len(s.IDs) - 1; least < 0 || n < least {
			least = n
		}
	}
	return least
}

// middle returns the rank that at least half of the examples have.
func middle(examples []data.Encoded) int {
	list := make([]int, len(examples))
	for i := range examples {
		list[i] = removable(&examples[i])
	}
	slices.Sort(list)
	return list[len(list)/2]
}

// ranksUpTo lists ranks from 1 to most, all of them or evenly spaced.
func ranksUpTo(most int) []int {
	n := min(most, mostRanks)
	list := make([]int, n)
	for i := range list {
		list[i] = 1 + i*(most-1)/max(n-1, 1)
	}
	return list
}

func (*MutualInformation) title() string {
	return "what BERT's label tells of its label without one word-vector (figure 3b of the paper), nats"
}

func (m *MutualInformation) rows() [][]string {
	header := []string{"rank k", "examples", "H(X)"}
	for _, j := range m.Encoders {
		header = append(header, fmt.Sprintf("encoder %d", j), "changed")
	}
	rows := [][]string{header}
	for _, at := range m.Ranks {
		row := []string{fmt.Sprint(at.Rank), fmt.Sprint(at.Examples), fmt.Sprintf("%.4f", at.Entropy)}
		for i := range m.Encoders {
			row = append(row, fmt.Sprintf("%.4f", at.Information[i]), fmt.Sprint(at.Changed[i]))
		}
		rows = append(rows, row)
	}
	return rows
}

func (m *MutualInformation) notes() []string {
	return []string{
		fmt.Sprintf("X: the label that stage 1's model outputs, H(X) = %.4f nats over the dev set. Y: the label when the k-th most significant "+
			"word-vector alone is removed at encoder j. I(X; Y) = H(X) where no label changes. changed: labels that become others.", m.Entropy),
		"Ranks are by " + retention.Scored(m.Score) + ". [CLS] is not counted among the ranks and never removed, since the head reads it. A rank is measured over the examples that have it, " +
			"up to the rank that half of them have; nothing is padded. The last encoder is left out: a head that reads [CLS] does not read what it removes.",
	}
}

func (m *MutualInformation) published() []string {
	return []string{fmt.Sprintf("H(X) = 0.69 nats (BERT-base, SST-2), ours %.4f; I(X; Y) rises with k and with the encoder; "+
		"the curves of figure 3b have no printed values", m.Entropy)}
}

func (m *MutualInformation) panels() ([][]*plot.Plot, error) {
	p := plots.New("Without one word-vector", "rank k that is removed (1: most significant)", "I(X; Y), nats")
	p.Y.Min = 0
	for i, j := range m.Encoders {
		var points plotter.XYs
		for _, at := range m.Ranks {
			points = append(points, plotter.XY{X: float64(at.Rank), Y: at.Information[i]})
		}
		if err := plots.Line(p, i, fmt.Sprintf("encoder %d", j), points); err != nil {
			return nil, err
		}
	}
	return [][]*plot.Plot{{p}}, plots.Level(p, "H(X), the dev set", 1, float64(m.Ranks[len(m.Ranks)-1].Rank), m.Entropy)
}
