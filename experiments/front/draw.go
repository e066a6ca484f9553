package main

import (
	"image/color"
	"io"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/powerbert/powerbert/experiments/look"
	"github.com/powerbert/powerbert/experiments/look/plots"
)

// The size of the picture, which has a panel for each cost, one under the other.
const (
	width  = 13 * vg.Centimeter // so that a narrow window need not shrink it much
	height = 15 * vg.Centimeter
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
	panels := make([][]*plot.Plot, len(costs))
	for i, c := range costs {
		p, err := f.panel(c)
		if err != nil {
			return err
		}
		panels[i] = []*plot.Plot{p}
	}
	tiles := draw.Tiles{Rows: len(panels), Cols: 1, PadY: gap, PadTop: gap, PadLeft: gap, PadRight: gap}
	return plots.Draw(w, panels, tiles, width, height, "svg")
}

// panel draws the points against one cost.
func (f *Front) panel(c cost) (*plot.Plot, error) {
	p := plots.New(f.Task+", "+c.what+", from text to label", "milliseconds per text", "dev "+f.Metric)
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	var curves []plotter.XYs
	for _, m := range makers {
		own := f.of(m.side)
		if len(own) == 0 {
			continue
		}
		line, err := f.addSide(p, own, look.Color(m.colour), c)
		if err != nil {
			return nil, err
		}
		curves = append(curves, line.XYs)
		p.Legend.Add(m.side, line)
	}
	for _, precision := range []string{"float32", "bfloat16", "int8"} {
		p.Legend.Add(precision, sample{glyph(precision)})
	}
	room := 0.08 * (p.Y.Max - p.Y.Min) // for names over and under the points
	p.Y.Min, p.Y.Max = p.Y.Min-room, p.Y.Max+room
	p.X.Max = math.Pow(10, math.Ceil(math.Log10(p.X.Max))) // whose label would else need room of its own
	p.Add(f.names(c, curves))
	return p, nil
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

// names are those of the models, each at its cheapest point.
func (f *Front) names(c cost, curves []plotter.XYs) *plots.Names {
	cheapest := map[string]Point{}
	var order []string
	for _, p := range f.Points {
		was, known := cheapest[p.Model]
		if !known {
			order = append(order, p.Model)
		}
		if !known || c.of(&p) < c.of(&was) {
			cheapest[p.Model] = p
		}
	}
	names := &plots.Names{Texts: order, Marks: places(f.Points, c), Curves: curves, Reach: 3 * vg.Centimeter}
	for _, model := range order {
		names.Points = append(names.Points, places([]Point{cheapest[model]}, c)...)
	}
	return names
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
