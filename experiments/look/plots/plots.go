// Package plots makes the panels of pictures, which look as pages do.
package plots

import (
	"bytes"
	stdcolor "image/color"
	"io"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/powerbert/powerbert/experiments/look"
)

// New makes a panel without anything in it but a grid.
func New(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Legend.Padding, p.Legend.Left = vg.Millimeter, true
	for _, f := range []*font.Font{&p.Title.TextStyle.Font, &p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font,
		&p.X.Tick.Label.Font, &p.Y.Tick.Label.Font, &p.Legend.TextStyle.Font} {
		f.Variant = "Sans"
	}
	p.Add(plotter.NewGrid())
	return p
}

// Style gives the marks of the i-th curve its colour and a shape of its own.
func Style(marks *plotter.Scatter, i int) {
	marks.Color, marks.Shape, marks.Radius = look.Color(i), plotutil.Shape(i), vg.Points(3)
}

// Line adds the i-th curve of a panel, with its points marked, and names it.
func Line(p *plot.Plot, i int, name string, points plotter.XYs) error {
	line, marks, err := plotter.NewLinePoints(points)
	if err != nil {
		return err
	}
	line.Color, line.Width = look.Color(i), vg.Points(1.4)
	Style(marks, i)
	p.Add(line, marks)
	p.Legend.Add(name, line, marks)
	return nil
}

// Level adds a dashed line at the height y from x = from to x = to.
func Level(p *plot.Plot, name string, from, to, y float64) error {
	line, err := plotter.NewLine(plotter.XYs{{X: from, Y: y}, {X: to, Y: y}})
	if err != nil {
		return err
	}
	line.Color, line.Dashes = stdcolor.Gray{100}, plotutil.Dashes(1)
	p.Add(line)
	p.Legend.Add(name, line)
	return nil
}

// Draw writes panels, row by row, as a picture, "svg" or "png": so wide and high, and beneath
// them the legend of the first, which is that of all, where it lies over nothing. Where a panel
// is nil, its tile is empty.
func Draw(w io.Writer, panels [][]*plot.Plot, tiles draw.Tiles, width, height vg.Length, format string) error {
	legend := panels[0][0].Legend
	for _, p := range slices.Concat(panels...) {
		if p != nil {
			p.Legend = plot.Legend{TextStyle: legend.TextStyle}
		}
	}
	var below vg.Length
	if tall := legend.Rectangle(draw.Canvas{}).Size().Y; tall > 0 {
		below = tall + 3*vg.Millimeter
	}
	canvas, err := draw.NewFormattedCanvas(width, height+below, format)
	if err != nil {
		return err
	}
	whole := draw.New(canvas)
	whole.SetColor(stdcolor.White)
	whole.Fill(whole.Rectangle.Path())
	legend.Draw(draw.Crop(whole, 5*vg.Millimeter, 0, 2*vg.Millimeter, 0))
	for y, row := range plot.Align(panels, tiles, draw.Crop(whole, 0, 0, below, 0)) {
		for x, c := range row {
			if p := panels[y][x]; p != nil {
				p.Draw(c)
			}
		}
	}
	return Write(w, canvas, format)
}

// Write writes a canvas; an SVG follows a dark page.
func Write(w io.Writer, canvas io.WriterTo, format string) error {
	if format != "svg" {
		_, err := canvas.WriteTo(w)
		return err
	}
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return err
	}
	_, err := w.Write(look.Picture(out.Bytes()))
	return err
}
