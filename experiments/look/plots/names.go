package plots

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Names are the names of points of a panel. Each stands as near to its point as there is room:
// not over a mark, a curve or another name, and a thin line leads to one that is further away.
// One that has no room within Reach is left out.
type Names struct {
	Points plotter.XYs
	Texts  []string
	Marks  plotter.XYs // of the panel, all of them
	Curves []plotter.XYs
	Reach  vg.Length
}

const (
	nameSize   = 9                   // points
	wider      = 1.2                 // than in our font a name may be
	markRadius = 1.6 * vg.Millimeter // with a little air
	ring       = 1.5 * vg.Millimeter // from one distance that is tried to the next
)

// Plot writes the names.
func (n *Names) Plot(c draw.Canvas, p *plot.Plot) {
	style := p.Legend.TextStyle
	style.Font.Size, style.YAlign = nameSize, draw.YCenter
	leader := draw.LineStyle{Color: color.Gray{100}, Width: vg.Points(0.5)}
	taken := n.taken(c, p)
	for i, at := range n.on(c, p, n.Points) {
		size := vg.Point{X: wider * style.Width(n.Texts[i]), Y: font.Length(nameSize) + vg.Points(1)}
		box, ok := place(at, size, c.Rectangle, taken, n.Reach)
		if !ok {
			continue
		}
		c.FillText(style, vg.Point{X: box.Min.X, Y: (box.Min.Y + box.Max.Y) / 2}, n.Texts[i])
		taken = append(taken, box)
		end := vg.Point{X: min(max(at.X, box.Min.X), box.Max.X), Y: min(max(at.Y, box.Min.Y), box.Max.Y)}
		if apart := end.Sub(at); math.Hypot(float64(apart.X), float64(apart.Y)) > float64(2*ring) {
			c.StrokeLine2(leader, at.X, at.Y, end.X, end.Y)
			taken = append(taken, along(at, end)...)
		}
	}
}

// on are points of a panel on its canvas.
func (n *Names) on(c draw.Canvas, p *plot.Plot, points plotter.XYs) []vg.Point {
	x, y := p.Transforms(&c)
	list := make([]vg.Point, len(points))
	for i, at := range points {
		list[i] = vg.Point{X: x(at.X), Y: y(at.Y)}
	}
	return list
}

// taken is where marks and curves are.
func (n *Names) taken(c draw.Canvas, p *plot.Plot) (boxes []vg.Rectangle) {
	for _, at := range n.on(c, p, n.Marks) {
		boxes = append(boxes, around(at, vg.Point{X: 2 * markRadius, Y: 2 * markRadius}))
	}
	for _, curve := range n.Curves {
		points := n.on(c, p, curve)
		for i := 1; i < len(points); i++ {
			boxes = append(boxes, along(points[i-1], points[i])...)
		}
	}
	return boxes
}

// along are the points of a line, a millimetre apart, as boxes.
func along(a, b vg.Point) (boxes []vg.Rectangle) {
	way := b.Sub(a)
	steps := math.Ceil(math.Hypot(float64(way.X), float64(way.Y)) / float64(vg.Millimeter))
	for s := 0.0; s <= steps; s++ {
		boxes = append(boxes, around(a.Add(way.Scale(vg.Length(s/max(steps, 1)))), vg.Point{}))
	}
	return boxes
}

// place finds the nearest box of a size around a point that is within bounds and meets none
// that is taken.
func place(at, size vg.Point, bounds vg.Rectangle, taken []vg.Rectangle, reach vg.Length) (vg.Rectangle, bool) {
	for d := vg.Length(0); d <= reach; d += ring {
		for _, to := range []vg.Point{{Y: 1}, {Y: -1}, {X: 1}, {X: -1}, {X: 1, Y: 1}, {X: -1, Y: 1}, {X: 1, Y: -1}, {X: -1, Y: -1}} {
			box := around(vg.Point{X: at.X + to.X*(markRadius+d+size.X/2), Y: at.Y + to.Y*(markRadius+d+size.Y/2)}, size)
			within := box.Min.X >= bounds.Min.X && box.Max.X <= bounds.Max.X && box.Min.Y >= bounds.Min.Y && box.Max.Y <= bounds.Max.Y
			if within && !slices.ContainsFunc(taken, func(o vg.Rectangle) bool { return meet(box, o) }) {
				return box, true
			}
		}
	}
	return vg.Rectangle{}, false
}

// around is the box of a size whose middle is at a point.
func around(at, size vg.Point) vg.Rectangle {
	half := size.Scale(0.5)
	return vg.Rectangle{Min: at.Sub(half), Max: at.Add(half)}
}

// meet tells whether two boxes have a part in common.
func meet(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}
