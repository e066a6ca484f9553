package report

import (
	"fmt"
	"html/template"
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

// trusted measures the probabilities of a pass of a model; ok is false where it has none of
// one label among several.
func trusted(w *Way, m *infer.Model, said *problem.Outputs) (t Trusted, ok bool) {
	t = Trusted{Name: strings.Fields(w.Name)[0], Power: w.Power, Temperature: m.Config.Temperature}
	if t.Temperature != 0 {
		t.Calibrated = said.Trust()
		said = said.At(1 / t.Temperature)
	}
	t.Without = said.Trust()
	return t, t.Without != nil
}

// asItShould is the line on which probabilities mean what they say.
var asItShould = series{name: "as it should be", color: colorPale, points: []point{{0, 0}, {1, 1}}}

// trustCharts draw the reliability diagram of the models, and what abstaining costs; none
// where there are no probabilities.
func (r *Report) trustCharts() []chart {
	if len(r.Summary.Probabilities) == 0 {
		return nil
	}
	reliable := []series{asItShould}
	var risky []series
	for _, t := range r.Summary.Probabilities {
		colors, name := []template.CSS{colorBERT, colorPale}, t.Name
		if t.Power {
			colors = []template.CSS{colorPower, colorSand}
		}
		reliable, risky = append(reliable, reliability(name, colors[0], t.Without.Reliability)), append(risky, risk(name, colors[0], t.Without))
		if t.Calibrated != nil {
			name = fmt.Sprintf("%s at T = %.3g", name, t.Temperature)
			reliable, risky = append(reliable, reliability(name, colors[1], t.Calibrated.Reliability)), append(risky, risk(name, colors[1], t.Calibrated))
		}
	}
	return []chart{
		frame{title: "Reliability", x: "probability of the label", zero: true, top: 1,
			note: fmt.Sprintf("How often labels of about a probability are right, on the dev set, in %d bins of equal width. Below the line a model is too sure.", metric.CalibrationBins)}.draw(reliable...),
		frame{title: "Risk and coverage", x: "share of the examples that get an answer", zero: true,
			note: "How many of the answers are wrong where the least probable labels are not said (--abstain-below)."}.draw(risky...),
	}
}

// reliability is the bins that hold examples: how probable their labels are, how often right.
func reliability(name string, color template.CSS, bins []metric.CalibrationBin) series {
	s := series{name: name, color: color, dots: true}
	for _, b := range bins {
		if b.Examples > 0 {
			s.points = append(s.points, point{b.Confidence, b.Accuracy})
		}
	}
	return s
}

// risk is the curve of a Trust.
func risk(name string, color template.CSS, t *problem.Trust) series {
	s := series{name: name, color: color}
	for _, c := range t.CoverageRisk {
		s.points = append(s.points, point{c.Coverage, c.Risk})
	}
	return s
}
