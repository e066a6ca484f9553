package report

import (
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/problem"
)

// A Trusted is how far the probabilities of a model, not padded, can be taken at their
// word on the dev set.
type Trusted struct {
	Name        string         `json:"name"`
	Power       bool           `json:"power"`
	Temperature float64        `json:"temperature,omitempty"` // that the model has; 0: none, nothing is Calibrated
	Without     *problem.Trust `json:"without"`
	Calibrated  *problem.Trust `json:"calibrated,omitempty"`
}

// trusted measures the probabilities of a pass of a model; ok is false where it has none.
func trusted(w *Way, m *infer.Model, said *problem.Outputs) (t Trusted, ok bool) {
	t = Trusted{Name: strings.Fields(w.Name)[0], Power: w.Power, Temperature: m.Config.Temperature}
	if t.Temperature != 0 {
		t.Calibrated = said.Trust()
		said = said.At(1 / t.Temperature)
	}
	t.Without = said.Trust()
	return t, t.Without != nil
}

// trustCharts draw the reliability diagram of the models, and where a text has one label
// what abstaining costs; none where there are no probabilities.
func (r *Report) trustCharts() (charts []chart) {
	reliable, risky := r.trustLines()
	if len(reliable) > 0 {
		ideal := series{name: "as it should be", color: colorOther, points: []point{{0, 0}, {1, 1}}}
		charts = append(charts, frame{title: "Reliability", x: "probability of the label", zero: true, top: 1,
			note: fmt.Sprintf("How often labels of about a probability are right, on the dev set, in %d bins of equal width. Below the line a model is too sure.", metric.CalibrationBins)}.draw(append([]series{ideal}, reliable...)...))
	}
	if len(risky) > 0 {
		charts = append(charts, frame{title: "Risk and coverage", x: "share of the examples that get an answer", zero: true,
			note: "How many of the answers are wrong where the least probable labels are not said (--abstain-below)."}.draw(risky...))
	}
	return charts
}

// trustLines are the lines of the diagram and of the curve, of each model without and with
// its temperature.
func (r *Report) trustLines() (reliable, risky []series) {
	add := func(as series, t *problem.Trust) {
		reliable = append(reliable, as.reliability(t))
		if t.Decisions == 0 {
			risky = append(risky, as.risk(t))
		}
	}
	for _, t := range r.Summary.Probabilities {
		as := series{name: t.Name, color: colorBERT}
		if t.Power {
			as.color = colorPower
		}
		add(as, t.Without)
		if t.Calibrated != nil {
			as.name, as.dashed = fmt.Sprintf("%s at T = %.3g", t.Name, t.Temperature), true
			add(as, t.Calibrated)
		}
	}
	return reliable, risky
}

// reliability is the bins that hold examples: how probable their labels are, how often right.
func (s series) reliability(t *problem.Trust) series {
	s.dots = true
	for _, b := range t.Reliability {
		if b.Examples > 0 {
			s.points = append(s.points, point{b.Confidence, b.Accuracy})
		}
	}
	return s
}

// risk is the curve of a Trust.
func (s series) risk(t *problem.Trust) series {
	for _, c := range t.CoverageRisk {
		s.points = append(s.points, point{c.Coverage, c.Risk})
	}
	return s
}
