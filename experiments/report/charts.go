package report

import (
	"fmt"
	"html/template"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/look"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// The colours of what is compared.
const (
	colorBERT  = look.Blue
	colorPower = look.Orange
	colorOther = look.Slate
	colorThird = look.Cyan
)

// keptChart draws the word-vectors that leave each encoder.
func (r *Report) keptChart() chart {
	var list []series
	for _, w := range r.Summary.Ways {
		s := series{name: w.Name, color: colorBERT, dashed: w.Padded, dots: true, points: []point{{0, r.entering(w)}}}
		if w.Power {
			s.color = colorPower
		}
		for j, n := range w.Kept {
			s.points = append(s.points, point{float64(j + 1), n})
		}
		list = append(list, s)
	}
	return frame{title: "Word-vectors of an " + r.Summary.Problem.Sequence(), x: "after encoder (0: input)", zero: true,
		note: "Mean over the dev set, as executed; padded ways are dashed. The last encoder is computed for " + r.Summary.read() + "."}.draw(list...)
}

// entering counts the word-vectors of a sequence that enter the first encoder.
func (r *Report) entering(w Way) float64 {
	if w.Padded {
		return float64(r.Summary.MaxLength)
	}
	return r.Summary.Length
}

// lossCharts draw the losses of each stage over its epochs.
func (r *Report) lossCharts() []chart {
	top := 0.0
	for _, s := range r.Stages {
		for _, line := range s.Steps {
			top = max(top, line.TaskLoss)
		}
	}
	var list []chart
	for _, s := range r.Stages {
		train, dev := series{name: "training", color: colorBERT}, series{name: "dev", color: colorPower, dots: true}
		for _, line := range s.Steps {
			train.points = append(train.points, point{line.Epoch, line.TaskLoss})
		}
		for _, e := range s.Evaluations {
			dev.points = append(dev.points, point{e.Epoch, e.DevLoss})
		}
		list = append(list, frame{title: fmt.Sprintf("Stage %d, %s: task loss", s.Number(), s.Name), x: "epoch",
			zero: true, top: top}.draw(train, dev))
	}
	return list
}

// metricChart draws the dev metric of the stages over their epochs.
func (r *Report) metricChart() chart {
	colors := []template.CSS{colorBERT, colorOther, colorPower}
	var list []series
	for i, s := range r.Stages {
		line := series{name: fmt.Sprintf("stage %d, %s", s.Number(), s.Name), color: colors[i], dots: true}
		for _, e := range s.Evaluations {
			line.points = append(line.points, point{e.Epoch, e.Dev})
		}
		list = append(list, line)
	}
	return frame{title: "Dev " + r.Summary.Metric, x: "epoch of the stage",
		note: "Stages 1 and 3 keep their best epoch, the search its last."}.draw(list...)
}

// massChart draws mass(j; r) over the steps of the search.
func (r *Report) massChart() chart {
	list := make([]series, r.Summary.Encoders)
	for j := range list {
		list[j] = series{name: fmt.Sprint(j + 1), color: ramp(j, len(list)), points: []point{{0, float64(r.Summary.MaxLength)}}}
	}
	for _, line := range r.searchSteps() {
		for j, m := range line.Mass[:min(len(line.Mass), len(list))] {
			list[j].points = append(list[j].points, point{float64(line.Step), m})
		}
	}
	return frame{title: "Search: mass of r per encoder", x: "step", zero: true, legend: "encoder",
		note: fmt.Sprintf("mass(j; r) is the sum of encoder j's retention weights; it starts at N = %d, and its end, rounded, is what the encoder keeps.", r.Summary.MaxLength)}.draw(list...)
}

func (r *Report) searchSteps() []rundir.StepLine {
	for _, s := range r.Stages {
		if s.Name == configs.StageSearch {
			return s.Steps
		}
	}
	return nil
}

// rankChart draws r over the ranks for some encoders, the first and the last
// among them.
func (r *Report) rankChart() chart {
	var list []series
	shown := -1
	for k := range 4 {
		j := k * (len(r.R) - 1) / 3
		if j == shown {
			continue
		}
		shown = j
		list = append(list, steps(fmt.Sprint(j+1), ramp(j, len(r.R)), r.R[j]))
	}
	x := "rank (0: most significant)"
	if r.Summary.Retention.Ranks == retention.RanksRelative {
		x = fmt.Sprintf("rank, in parts of %d of the input's length", r.Summary.MaxLength)
	}
	return frame{title: "Search: retention weight r per rank", x: x, zero: true, top: 1, shadeFrom: r.unreached(), shade: "never reached", legend: "encoder",
		note: "How much of a word-vector of that rank goes on, at the end of the search, for some encoders."}.draw(list...)
}

// steps turns weights into a step function.
func steps(name string, color template.CSS, weights []float32) series {
	s := series{name: name, color: color}
	for k, v := range weights {
		s.points = append(s.points, point{float64(k), float64(v)}, point{float64(k + 1), float64(v)})
	}
	return s
}

// unreached returns the first rank that no training input has; 0: every rank is
// reached.
func (r *Report) unreached() float64 {
	if len(r.Reached) == 0 {
		return 0
	}
	for k, n := range r.Reached[0] {
		if n == 0 {
			return float64(k)
		}
	}
	return 0
}
