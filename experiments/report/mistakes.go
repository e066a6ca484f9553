package report

import (
	"cmp"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/predict/mistakes"
	"github.com/powerbert/powerbert/problem"
)

// Mistakes are what PoWER-BERT gets wrong on the dev set, not padded, at its temperature.
type Mistakes struct {
	Labels    []string            `json:"labels"`
	Confusion [][]int             `json:"confusion,omitempty"` // true label by said label; none of scores, nor of labels by themselves
	Confused  []mistakes.Confused `json:"confused,omitempty"`  // the most frequent first
	Slices    []mistakes.Slices   `json:"slices"`              // by length, and by what else is asked for
	Errors    []mistakes.Error    `json:"errors"`              // the surest first
	Curves    []LabelCurve        `json:"-"`
}

// A LabelCurve is precision and recall of a label over its threshold.
type LabelCurve struct {
	Label       string
	Temperature float64 // that the model has; 0: none, and no Without
	problem.Curve
	Without *problem.Curve // before the temperature
}

// shownErrors is how many wrong answers a report shows.
const shownErrors = 20

// keepColumns reads the dev set again with the columns that its scores are asked for by.
func (r *Run) keepColumns(columns []string) error {
	if len(columns) == 0 {
		return nil
	}
	src := r.Experiment.Source()
	src.Keep = columns
	dev, err := data.LoadDev(src, r.Dev.Labels)
	if err == nil {
		r.Dev.Set = dev
	}
	return err
}

// mistaken finds the mistakes of what PoWER-BERT says of the dev set, with its scores by
// length and by some columns.
func mistaken(r *Run, said *problem.Outputs, columns []string) (*Mistakes, error) {
	m := &Mistakes{Labels: r.Dev.Labels, Curves: labelCurves(r.Power, r.Dev.Labels, said)}
	m.Confusion, _ = said.Confusion(len(m.Labels))
	m.Confused = mistakes.Pairs(m.Labels, m.Confusion)
	others := []*data.Set{r.Train}
	if r.HeldOut != nil {
		others = append(others, r.HeldOut.Set)
	}
	m.Errors = mistakes.Worst(r.Dev.Set, said, shownErrors, others...)
	words := append([]string{mistakes.ByLength}, columns...)
	var err error
	m.Slices, err = mistakes.By(words, r.Dev.Set, columns, r.Dev.Encoded, said, r.Experiment.Data.Metric)
	return m, err
}

// labelCurves are the threshold curves of a model's labels that examples have, those that most
// have first.
func labelCurves(m *infer.Model, labels []string, said *problem.Outputs) (list []LabelCurve) {
	t := m.Config.Temperature
	var raw []problem.Curve
	if t != 0 {
		raw = said.At(1 / t).Curves()
	}
	for i, c := range said.Curves() {
		curve := LabelCurve{Label: labels[c.Class], Temperature: t, Curve: c}
		if raw != nil {
			curve.Without = &raw[i]
		}
		if c.Points != nil {
			list = append(list, curve)
		}
	}
	slices.SortStableFunc(list, func(a, b LabelCurve) int { // at 0 a label is said of all
		return cmp.Compare(b.Points[0].Precision, a.Points[0].Precision)
	})
	return list
}
