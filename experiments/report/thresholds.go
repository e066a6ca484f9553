package report

import (
	"fmt"
	"math"

	"github.com/powerbert/powerbert/problem"
)

// mostCurves is how many labels have a chart of their threshold.
const mostCurves = 12

// thresholdCharts draw precision and recall over the threshold, a chart for each label; of
// many for those that most examples have.
func (m *Mistakes) thresholdCharts() (list []chart) {
	for _, c := range m.Curves[:min(len(m.Curves), mostCurves)] {
		var lines []series
		if c.Without != nil {
			lines = overThreshold(c.Without, " at T = 1", true)
		}
		suffix := ""
		if c.Temperature != 0 {
			suffix = fmt.Sprintf(" at T = %.3g", c.Temperature)
		}
		lines = append(lines, overThreshold(&c.Curve, suffix, false)...)
		lines = append(lines, series{name: fmt.Sprintf("said from %.2f on", c.At), color: "var(--soft)", points: []point{{c.At, 0}, {c.At, 1}, {1, math.NaN()}}}) // so that the axis ends at 1
		list = append(list, frame{title: "Threshold of " + c.Label, x: "probability from which on the label is said", zero: true, top: 1}.draw(lines...))
	}
	return list
}

// overThreshold is a label's precision and recall.
func overThreshold(c *problem.Curve, suffix string, dashed bool) []series {
	p, r := series{name: "precision" + suffix, color: colorBERT, dashed: dashed}, series{name: "recall" + suffix, color: colorPower, dashed: dashed}
	for _, t := range c.Points {
		p.points, r.points = append(p.points, point{t.At, t.Precision}), append(r.points, point{t.At, t.Recall})
	}
	return []series{p, r}
}
