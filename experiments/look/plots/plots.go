// Package plots makes the panels of pictures, which look as pages do.
package plots

import (
	"bytes"
	stdcolor "image/color"
	"io"

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
	p.Legend.Padding, p.Legend.Left = vg.Millimeter, true // where a wider font than ours has room
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

// Label writes beside a point of a panel, shifted by so much.
func Label(p *plot.Plot, x, y float64, text string, shift vg.Point, align draw.XAlignment) error {
	l, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: x, Y: y}}, Labels: []string{text}})
	if err != nil {
		return err
	}
	l.Offset = shift
	l.TextStyle[0].Font.Variant, l.TextStyle[0].Font.Size, l.TextStyle[0].XAlign, l.TextStyle[0].YAlign = "Sans", 9, align, draw.YCenter
	p.Add(l)
	return nil
}

// Draw writes panels, row by row, as a picture of a size, "svg" or "png". Where a panel is nil, its
// tile is empty.
func Draw(w io.Writer, panels [][]*plot.Plot, tiles draw.Tiles, width, height vg.Length, format string) error {
	canvas, err := draw.NewFormattedCanvas(width, height, format)
	if err != nil {
		return err
	}
	for y, row := range plot.Align(panels, tiles, draw.New(canvas)) {
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
