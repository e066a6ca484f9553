package paper

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"github.com/powerbert/powerbert/experiments/look"
	"github.com/powerbert/powerbert/experiments/look/plots"
)

// panels draws the speed-ups: the paper's, and ours with padding and without. Beside each
// other they show how much of a speed-up over padded inputs is short inputs.
func (t *Table) panels() ([][]*plot.Plot, error) {
	p := plots.New("PoWER-BERT against "+baseName(t.Number), "", "times faster")
	p.Y.Min = 0
	width := vg.Length(0.8/3*12/float64(len(t.Rows))) * vg.Centimeter // of a panel, most of which is for bars
	for i, bars := range []struct {
		name string
		of   func(r TaskRow) float64
	}{
		{"published, padded", func(r TaskRow) float64 { return r.Published.faster() }},
		{"padded", func(r TaskRow) float64 { return r.faster(true) }},
		{"unpadded", func(r TaskRow) float64 { return r.faster(false) }},
	} {
		chart, err := plotter.NewBarChart(plotter.Values(each(t.Rows, bars.of)), width)
		if err != nil {
			return nil, err
		}
		chart.Color, chart.LineStyle.Width, chart.Offset = look.Color(i), 0, width*vg.Length(i-1)
		p.Add(chart)
		p.Legend.Add(bars.name, chart)
	}
	if err := sayUnmeasured(p, t.Rows, width); err != nil {
		return nil, err
	}
	p.NominalX(each(t.Rows, func(r TaskRow) string { return r.Name })...)
	p.Y.Max *= 1.05
	hang(p, math.Pi/6)
	return [][]*plot.Plot{{p}}, nil
}

// sayUnmeasured writes "not measured" in the place of bars that are not there, so that no
// published one stands alone.
func sayUnmeasured(p *plot.Plot, rows []TaskRow, width vg.Length) error {
	for i, r := range rows {
		if r.Outcome != nil {
			continue
		}
		words, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: float64(i)}}, Labels: []string{"not measured"}})
		if err != nil {
			return err
		}
		style := &words.TextStyle[0]
		style.Rotation, style.YAlign, style.Font.Variant, style.Font.Size = math.Pi/2, text.YCenter, "Sans", min(9, 2*width)
		words.Offset = vg.Point{X: width / 2, Y: vg.Millimeter}
		p.Add(words)
	}
	return nil
}

// faster returns the published speed-up; 0: there is none.
func (p *tableRow) faster() float64 {
	if p == nil {
		return 0
	}
	return p.Faster
}

// faster returns the speed-up; 0: it was not measured.
func (r TaskRow) faster(padded bool) float64 {
	switch {
	case r.Outcome == nil:
		return 0
	case padded:
		return r.Padded.Faster.Mean
	}
	return r.Unpadded.Faster.Mean
}
