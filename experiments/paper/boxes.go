package paper

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// The sizes of a mark and of a label beside it, and where that may stand from the mark.
const (
	markSize    = 2 * vg.Millimeter
	labelWidth  = 9 * vg.Millimeter
	labelHeight = 3.5 * vg.Millimeter
)

var places = []vg.Point{{Y: 3 * vg.Millimeter}, {Y: -3 * vg.Millimeter}, {X: 6.5 * vg.Millimeter}, {X: -6.5 * vg.Millimeter},
	{X: 6 * vg.Millimeter, Y: 3 * vg.Millimeter}, {X: -6 * vg.Millimeter, Y: -3 * vg.Millimeter}}

// axes is about what the axes of a panel take of it.
const axes = 2 * vg.Centimeter

// A box is where something stands on a panel.
type box struct {
	left, right, bottom, top vg.Length
	within                   bool // it is not cut off
}

// boxAt is a box of a width and height around what is shifted from a point of a panel, whose
// ranges are known.
func boxAt(p *plot.Plot, x, y float64, right, up, width, height vg.Length) box {
	wide, tall := panelWidth-axes, panelHeight-axes
	cx := right + wide*vg.Length((x-p.X.Min)/(p.X.Max-p.X.Min))
	cy := up + tall*vg.Length((y-p.Y.Min)/(p.Y.Max-p.Y.Min))
	b := box{left: cx - width/2, right: cx + width/2, bottom: cy - height/2, top: cy + height/2}
	b.within = b.left >= 0 && b.right <= wide && b.bottom >= 0 && b.top <= tall
	return b
}

// meets tells whether two boxes have a part in common.
func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.bottom < o.top && o.bottom < b.top
}
