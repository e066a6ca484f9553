package report

import (
	"math"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/problem"
)

// Both models' probabilities are measured on the dev set, as their stages lost on it.
func TestMeasureTrusts(t *testing.T) {
	r := measured(t)
	list := r.Summary.Probabilities
	if len(list) != 2 || list[0].Name != "BERT" || list[0].Power || list[1].Name != "PoWER" || !list[1].Power {
		t.Fatalf("probabilities of %+v, want BERT and PoWER", list)
	}
	for i, stage := range []int{0, 2} {
		if want := r.Stages[stage].Result.Loss; math.Abs(list[i].Without.Loss-want) > 1e-6 || list[i].Calibrated != nil {
			t.Errorf("%s has NLL %v, calibrated %v, want %v and none", list[i].Name, list[i].Without.Loss, list[i].Calibrated, want)
		}
	}
}

// What a calibrated model says is at its temperature; without it are the logits as they
// came. The charts have a line for each.
func TestTrustedAtATemperature(t *testing.T) {
	raw := &problem.Outputs{Kind: problem.Classification, Logits: [][]float32{{4, 0}, {0, 6}, {2, 0}}, Gold: []int{0, 0, 0}}
	m := &infer.Model{}
	m.Config.Temperature = 4
	got, ok := trusted(&Way{Name: "PoWER unpadded", Power: true}, m, raw.At(4))
	if want := raw.At(4).Loss(); !ok || got.Calibrated.Loss != want || math.Abs(got.Without.Loss-raw.Loss()) > 1e-6 {
		t.Errorf("%+v, %v, want NLL %v, and %v without", got, ok, want, raw.Loss())
	}
	r := &Report{Summary: Summary{Probabilities: []Trusted{got}}}
	charts := r.trustCharts()
	if len(charts) != 2 || len(charts[0].Lines) != 3 || len(charts[1].Lines) != 2 || charts[0].Lines[2].Name != "PoWER at T = 4" {
		t.Fatalf("charts %+v, want a reliability diagram of three lines and risks of two", charts)
	}
	// Labels of 0.982, 0.998 and 0.881: two bins of a fifteenth, from 14/15 and 13/15.
	if n := len(charts[0].Lines[1].Dots); n != 2 {
		t.Errorf("%d dots of the reliability without a temperature, want 2", n)
	}
	several := &problem.Outputs{Kind: problem.MultiLabel, Logits: [][]float32{{4, -2}}, Targets: [][]float64{{1, 1}}}
	each, ok := trusted(&Way{Name: "BERT unpadded"}, &infer.Model{}, several)
	charts = (&Report{Summary: Summary{Probabilities: []Trusted{each}}}).trustCharts()
	if !ok || len(charts) != 1 || charts[0].Title != "Reliability" || len(charts[0].Lines) != 2 || len(charts[0].Lines[1].Dots) != 2 {
		t.Errorf("%v, charts %+v, want a reliability diagram of labels by themselves, and no abstaining", ok, charts)
	}
	if (&Report{}).trustCharts() != nil {
		t.Error("charts of no probabilities")
	}
	if _, ok := trusted(&Way{Name: "BERT unpadded"}, &infer.Model{}, &problem.Outputs{Kind: problem.Regression, Logits: [][]float32{{1}}}); ok {
		t.Error("scores have probabilities")
	}
	if page := pageOf(t, measured(t)); !strings.Contains(page, "What probabilities are worth") {
		t.Error("the page says nothing of probabilities")
	}
}
