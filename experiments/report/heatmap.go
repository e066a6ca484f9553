package report

import (
	"fmt"
	"math"

	"github.com/powerbert/powerbert/predict/mistakes"
)

// A heatmap is a confusion as inline SVG: a row per true label, a column per label that is
// said, and a cell where that occurs, whose shade is its share of the row.
type heatmap struct {
	Title, Note   string
	Width, Height float64
	Rows, Columns []edge
	Cells         []cell
	Pairs         []mistakes.Confused // that are confused most
	Keys          []key
	Plain         bool // nothing is written on the cells
}

// An edge is where a label's row or column is.
type edge struct {
	X, Y, Width, Height float64
	Title               string
	Name                string // written beside it; "": there is no room
	NameX, NameY        float64
	Turned              bool // the name runs upwards
}

// A cell is an entry that is not 0.
type cell struct {
	X, Y, Width, Height float64
	Class               string // "right" or "wrong"
	Shade               float64
	Title               string
	Text                string // "": there is no room
	TextX, TextY        float64
}

// A key explains a shade.
type key struct {
	Class, Name string
	Shade       float64
}

const (
	heatWidth   = 420 // as that of a chart
	mostNamed   = 24  // labels whose names are written
	mostCounted = 12  // labels whose counts are written
	bandWidth   = 8   // of what stands for a name
	lineHeight  = 11
	mostName    = 110 // width of a name
	tallestCell = 60
)

// heatmap draws the confusion; nil where there is none.
func (m *Mistakes) heatmap() *heatmap {
	n := len(m.Labels)
	if m.Confusion == nil {
		return nil
	}
	h := &heatmap{Title: "Which label is taken for which", Width: heatWidth, Keys: keys, Plain: n > mostCounted, Pairs: m.Confused[:min(len(m.Confused), mostCounted)],
		Note: "A row for each true label, a column for each that is said; the shade is the share of the row."}
	order := identity(n)
	if n > mostNamed {
		order, h.Pairs = mistakes.Order(m.Confusion), m.Confused[:min(len(m.Confused), mostNamed)]
		h.Note += " Labels that are confused lie together; point at a cell or an edge to see their names."
	}
	g := gridOf(m.Labels)
	h.Height = g.top + g.tall*float64(n) + 4
	for at, label := range order {
		h.Rows, h.Columns = append(h.Rows, g.row(at, m.Labels[label], m.Confusion[label])), append(h.Columns, g.column(at, m.Labels[label]))
		for to, said := range order {
			if count := m.Confusion[label][said]; count > 0 {
				h.Cells = append(h.Cells, g.cell(at, to, count, total(m.Confusion[label]), m.Labels[label], m.Labels[said]))
			}
		}
	}
	return h
}

// keys explain the shades.
var keys = []key{
	{"right", "right: 10 %", shade(0.1)}, {"right", "50 %", shade(0.5)}, {"right", "100 %", shade(1)},
	{"wrong", "wrong: 1 %", shade(0.01)}, {"wrong", "10 %", shade(0.1)}, {"wrong", "50 %", shade(0.5)}, {"wrong", "100 %", shade(1)},
}

// shade is the opacity of a share: its root, so that rare mistakes are seen.
func shade(share float64) float64 { return math.Round(100*(0.06+0.94*math.Sqrt(share))) / 100 }

// identity lists 0 … n−1.
func identity(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// total is the sum of counts.
func total(counts []int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// A grid is where the cells of a heatmap lie.
type grid struct {
	left, top  float64
	wide, tall float64 // of a cell
	named      bool
	counted    bool
	turned     bool // the names of columns run upwards
}

// gridOf makes room for the names of labels, if they are few, and for their cells.
func gridOf(labels []string) grid {
	n, longest := float64(len(labels)), 0.0
	for _, label := range labels {
		longest = max(longest, textWidth(fitted(label)))
	}
	g := grid{left: bandWidth + 2, top: bandWidth + 2, named: len(labels) <= mostNamed, counted: len(labels) <= mostCounted}
	if g.named {
		g.left = longest + 8
	}
	g.wide = (heatWidth - g.left - 2) / n
	g.tall = min(g.wide, tallestCell)
	if g.named {
		g.turned = longest > g.wide-4
		g.top = lineHeight + 6
		if g.turned {
			g.top = longest + 8
		}
	}
	return g
}

// row is where the at-th true label is.
func (g grid) row(at int, label string, counts []int) edge {
	y := g.top + g.tall*float64(at)
	b := edge{X: round(g.left - bandWidth - 1), Y: hundredth(y), Width: bandWidth, Height: hundredth(g.tall),
		Title: fmt.Sprintf("true: %s, %d examples", label, total(counts)), NameX: round(g.left - 5), NameY: round(y + g.tall/2 + 4)}
	if g.named {
		b.Name = fitted(label)
	}
	return b
}

// column is where the at-th label that is said is.
func (g grid) column(at int, label string) edge {
	x := g.left + g.wide*float64(at)
	b := edge{X: hundredth(x), Y: round(g.top - bandWidth - 1), Width: hundredth(g.wide), Height: bandWidth, Title: "said: " + label,
		NameX: round(x + g.wide/2), NameY: round(g.top - 6), Turned: g.turned}
	if g.named {
		b.Name = fitted(label)
	}
	if g.turned {
		b.NameX = round(x + g.wide/2 + 4)
	}
	return b
}

// cell is an entry: so many of a row's examples.
func (g grid) cell(row, column, count, of int, label, said string) cell {
	x, y, share := g.left+g.wide*float64(column), g.top+g.tall*float64(row), float64(count)/float64(of)
	c := cell{X: hundredth(x), Y: hundredth(y), Width: hundredth(g.wide), Height: hundredth(g.tall), Class: "wrong", Shade: shade(share),
		Title: fmt.Sprintf("true: %s, said: %s: %d of %d (%.1f %%)", label, said, count, of, 100*share), TextX: round(x + g.wide/2), TextY: round(y + g.tall/2 + 4)}
	if row == column {
		c.Class = "right"
	}
	if g.counted {
		c.Text = fmt.Sprint(count)
	}
	return c
}

func hundredth(v float64) float64 { return math.Round(100*v) / 100 }
