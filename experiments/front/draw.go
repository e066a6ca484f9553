package main

import (
	"image/color"
	"io"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/powerbert/powerbert/experiments/look"
	"github.com/powerbert/powerbert/experiments/look/plots"
)

// The size of the picture, which has a panel for each cost.
const (
	width  = 28 * vg.Centimeter
	height = 12 * vg.Centimeter
	gap    = 5 * vg.Millimeter
)

// makers are the sides in the order of the legend, each with the number of its colour.
var makers = []struct {
	side   string
	colour int
}{{"powerbert", 0}, {"onnxruntime", 1}, {"openvino", 3}, {"fasttext", 2}}

// glyph is the mark of a precision: full where it multiplies bytes.
func glyph(precision string) draw.GlyphDrawer {
	switch {
	case strings.HasPrefix(precision, "int8"):
		return draw.CircleGlyph{}
	case precision == "bfloat16":
		return draw.PlusGlyph{}
	}
	return draw.RingGlyph{}
}

// draw writes the picture as SVG: quality against the logarithm of each cost, a mark for
// every point, and of every side the line of what it does best.
func (f *Front) draw(w io.Writer) error {
	panels := make([]*plot.Plot, len(costs))
	for i, c := range costs {
		p, err := f.panel(c, i == 0)
		if err != nil {
			return err
		}
		panels[i] = p
	}
	tiles := draw.Tiles{Rows: 1, Cols: len(panels), PadX: gap, PadTop: gap, PadBottom: gap, PadLeft: gap, PadRight: 3 * gap}
	return plots.Draw(w, [][]*plot.Plot{panels}, tiles, width, height, "svg")
}

// panel draws the points against one cost.
func (f *Front) panel(c cost, legend bool) (*plot.Plot, error) {
	p := plots.New(f.Task+", "+c.what, "milliseconds per text, from text to label", "dev "+f.Metric)
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Legend.Top = true
	for _, m := range makers {
		own := f.of(m.side)
		if len(own) == 0 {
			continue
		}
		line, err := f.addSide(p, own, look.Color(m.colour), c)
		if err != nil {
			return nil, err
		}
		if legend {
			p.Legend.Add(m.side, line)
		}
	}
	if legend {
		for _, precision := range []string{"float32", "bfloat16", "int8"} {
			p.Legend.Add(precision, sample{glyph(precision)})
		}
	}
	return p, f.addNames(p, c)
}

// of lists the points of a side.
func (f *Front) of(side string) (list []Point) {
	for _, p := range f.Points {
		if p.Side == side {
			list = append(list, p)
		}
	}
	return list
}

// addSide draws the points of a side and the line of its best, which it returns.
func (f *Front) addSide(p *plot.Plot, own []Point, colour color.Color, c cost) (*plotter.Line, error) {
	marks, err := plotter.NewScatter(places(own, c))
	if err != nil {
		return nil, err
	}
	marks.GlyphStyleFunc = func(i int) draw.GlyphStyle {
		return draw.GlyphStyle{Color: colour, Radius: vg.Points(3.5), Shape: glyph(own[i].Precision)}
	}
	line, err := plotter.NewLine(places(best(own, c), c))
	if err != nil {
		return nil, err
	}
	line.Color, line.Width = colour, vg.Points(1.2)
	p.Add(line, marks)
	return line, nil
}

// addNames names the models at our best points.
func (f *Front) addNames(p *plot.Plot, c cost) error {
	own := best(f.of(makers[0].side), c)
	names := make([]string, len(own))
	for i, q := range own {
		names[i] = q.Model + " "
	}
	labels, err := plotter.NewLabels(plotter.XYLabels{XYs: places(own, c), Labels: names})
	if err != nil {
		return err
	}
	for i := range labels.TextStyle {
		labels.TextStyle[i].Font.Variant, labels.TextStyle[i].Font.Size = "Sans", vg.Points(8)
		if i > 0 { // the cheapest stands at the left edge
			labels.TextStyle[i].XAlign = draw.XRight
		}
	}
	labels.Offset.Y = vg.Points(4)
	p.Add(labels)
	return nil
}

// places are points of the picture.
func places(points []Point, c cost) plotter.XYs {
	list := make(plotter.XYs, len(points))
	for i := range points {
		list[i] = plotter.XY{X: c.of(&points[i]), Y: points[i].Value}
	}
	return list
}

// A sample is a mark in the legend.
type sample struct{ draw.GlyphDrawer }

// Thumbnail draws the mark.
func (s sample) Thumbnail(c *draw.Canvas) {
	c.DrawGlyph(draw.GlyphStyle{Color: look.Color(2), Radius: vg.Points(3.5), Shape: s}, c.Center())
}
