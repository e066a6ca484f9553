package paper

import (
	stdcolor "image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The size of a panel.
const (
	panelWidth  = 15 * vg.Centimeter
	panelHeight = 10 * vg.Centimeter
	panelGap    = 0.5 * vg.Centimeter
)

// drawPanels writes panels, row by row, as a picture, "svg" or "png". Where a panel is nil, its
// place is empty.
func drawPanels(w io.Writer, panels [][]*plot.Plot, format string) error {
	across, down := vg.Length(len(panels[0])), vg.Length(len(panels))
	canvas, err := draw.NewFormattedCanvas(across*panelWidth, down*panelHeight, format)
	if err != nil {
		return err
	}
	tiles := draw.Tiles{Rows: len(panels), Cols: len(panels[0]), PadX: panelGap, PadY: panelGap,
		PadTop: panelGap, PadBottom: panelGap, PadLeft: panelGap, PadRight: panelGap}
	for y, row := range plot.Align(panels, tiles, draw.New(canvas)) {
		for x, c := range row {
			if p := panels[y][x]; p != nil {
				p.Draw(c)
			}
		}
	}
	_, err = canvas.WriteTo(w)
	return err
}

// newPanel is a panel without anything in it.
func newPanel(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Legend.Padding = vg.Millimeter
	p.Add(plotter.NewGrid())
	return p
}

// addLine adds the i-th curve of a panel, with its points marked, and names it.
func addLine(p *plot.Plot, i int, name string, points plotter.XYs) error {
	line, marks, err := plotter.NewLinePoints(points)
	if err != nil {
		return err
	}
	line.Color, marks.Color, marks.Shape = plotutil.Color(i), plotutil.Color(i), plotutil.Shape(i)
	p.Add(line, marks)
	p.Legend.Add(name, line, marks)
	return nil
}

// legendLine is the part of a panel's height that a line of its legend takes.
const legendLine = 0.07

// makeRoom keeps the points of a panel off its frame and its legend, of so many lines,
// which stands in the lower right corner.
func makeRoom(p *plot.Plot, lines int) {
	span := p.Y.Max - p.Y.Min
	legend := legendLine * float64(lines)
	p.Y.Min -= span * (0.05 + legend/(1-legend))
	p.Y.Max += span * 0.05
	p.X.Max += (p.X.Max - p.X.Min) * 0.03
}

// addLevel adds a dashed line at the height y from x = from to x = to.
func addLevel(p *plot.Plot, name string, from, to, y float64) error {
	line, err := plotter.NewLine(plotter.XYs{{X: from, Y: y}, {X: to, Y: y}})
	if err != nil {
		return err
	}
	line.Color, line.Dashes = stdcolor.Gray{100}, plotutil.Dashes(1)
	p.Add(line)
	p.Legend.Add(name, line)
	return nil
}
