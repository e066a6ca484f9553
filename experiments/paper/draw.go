package paper

import (
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/powerbert/powerbert/experiments/look/plots"
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
	tiles := draw.Tiles{Rows: len(panels), Cols: len(panels[0]), PadX: panelGap, PadY: panelGap,
		PadTop: panelGap, PadBottom: panelGap, PadLeft: panelGap, PadRight: panelGap}
	return plots.Draw(w, panels, tiles, across*panelWidth, down*panelHeight, format)
}

// legendLine is the part of a panel's height that a line of its legend takes.
const legendLine = 0.07

// makeRoom keeps the points of a panel off its frame and its legend, of so many lines,
// which stands in the lower right corner.
func makeRoom(p *plot.Plot, lines int) {
	span := max(p.Y.Max-p.Y.Min, 1e-3)
	legend := legendLine * float64(lines)
	p.Y.Min -= span * (0.05 + legend/(1-legend))
	p.Y.Max += span * 0.05
	p.X.Max += (p.X.Max - p.X.Min) * 0.03
}
