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

// hang turns the names under a panel downwards by an angle: they begin at the axis, so that
// a font that is wider than ours does not run into it.
func hang(p *plot.Plot, angle float64) {
	label := &p.X.Tick.Label
	label.Rotation, label.XAlign, label.YAlign = -angle, draw.XLeft, draw.YCenter
	p.X.Padding = 2 * vg.Millimeter
}

// makeRoom keeps the points of a panel off its frame.
func makeRoom(p *plot.Plot) {
	room := 0.05 * max(p.Y.Max-p.Y.Min, 1e-3)
	p.Y.Min, p.Y.Max = p.Y.Min-room, p.Y.Max+room
	p.X.Max += (p.X.Max - p.X.Min) * 0.03
}
