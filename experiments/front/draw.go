package main

import (
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/powerbert/powerbert/experiments/look/plots"
)

// The size of a picture.
const (
	width  = 18 * vg.Centimeter
	height = 12 * vg.Centimeter
)

// draw writes a picture as SVG: quality against the logarithm of a cost, a mark for each
// point, of each side and precision its own, and the front as a line.
func (f *Front) draw(w io.Writer, c cost) error {
	p := plots.New(f.Task+", "+c.what, "milliseconds per text, from text to label", "dev "+f.Metric)
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	for i, name := range f.kinds() {
		var points plotter.XYs
		for k := range f.Points {
			if q := &f.Points[k]; q.Side+" "+q.Precision == name {
				points = append(points, plotter.XY{X: c.of(q), Y: q.Value})
			}
		}
		marks, err := plotter.NewScatter(points)
		if err != nil {
			return err
		}
		plots.Style(marks, i)
		p.Add(marks)
		p.Legend.Add(name, marks)
	}
	var front plotter.XYs
	for _, q := range best(f.Points, c) {
		front = append(front, plotter.XY{X: c.of(q), Y: q.Value})
	}
	line, err := plotter.NewLine(front)
	if err != nil {
		return err
	}
	p.Add(line)
	p.X.Min /= 100 // for the legend
	canvas, err := p.WriterTo(width, height, "svg")
	if err != nil {
		return err
	}
	return plots.Write(w, canvas, "svg")
}

// kinds lists sides with their precisions, in the order in which they come.
func (f *Front) kinds() (list []string) {
	seen := map[string]bool{}
	for _, p := range f.Points {
		if name := p.Side + " " + p.Precision; !seen[name] {
			seen[name] = true
			list = append(list, name)
		}
	}
	return list
}
