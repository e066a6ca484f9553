package report

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/powerbert/powerbert/experiments/look"
)

// A chart is a line chart as inline SVG: plain geometry for the template.
type chart struct {
	Title  string // what is drawn
	Note   string // how to read it; may be empty
	XLabel string
	XTicks []tick
	YTicks []tick
	Lines  []line
	Legend string // what the lines' names are of; may be empty
	Shade  *band  // a part of the x axis that says nothing
	Left, Right, Top, Bottom,
	Width, Height float64
}

// Tall is the height of the plot.
func (c chart) Tall() float64 { return c.Bottom - c.Top }

type tick struct {
	At    float64
	Label string
}

// A line is a series as drawn: its points joined, dots if they are few.
type line struct {
	Name   string
	Color  template.CSS
	Dashed bool
	Points string // of an SVG polyline
	Dots   []dot
}

type dot struct {
	X, Y  float64
	Title string
}

type band struct {
	X, Width float64
	Label    string
}

// A series is data to draw.
type series struct {
	name   string
	color  template.CSS
	dashed bool
	points []point
	dots   bool // mark every point, for there are few
}

type point struct{ x, y float64 }

// A frame says what a chart of series looks like.
type frame struct {
	title, note, x string
	legend         string  // what the series' names are of
	zero           bool    // y begins at 0
	top            float64 // least top of y; 0: as the data
	shadeFrom      float64 // x from which on the chart says nothing; 0: nowhere
	shade          string  // why
}

// draw puts series into a chart.
func (f frame) draw(list ...series) chart {
	c := chart{Title: f.title, Note: f.note, XLabel: f.x, Legend: f.legend, Left: 46, Right: 402, Top: 10, Bottom: 190, Width: 420, Height: 226}
	x, y := f.ranges(list)
	sx := func(v float64) float64 { return round(c.Left + (v-x.from)/(x.to-x.from)*(c.Right-c.Left)) }
	sy := func(v float64) float64 { return round(c.Bottom - (v-y.from)/(y.to-y.from)*(c.Bottom-c.Top)) }
	for _, v := range x.ticks(6) {
		c.XTicks = append(c.XTicks, tick{sx(v), number(v)})
	}
	for _, v := range y.ticks(5) {
		c.YTicks = append(c.YTicks, tick{sy(v), number(v)})
	}
	if f.shadeFrom > 0 && f.shadeFrom < x.to {
		from := sx(f.shadeFrom)
		c.Shade = &band{from, round(c.Right - from), f.shade}
	}
	for _, s := range list {
		c.Lines = append(c.Lines, s.line(sx, sy))
	}
	return c
}

func (s series) line(sx, sy func(float64) float64) line {
	l := line{Name: s.name, Color: s.color, Dashed: s.dashed}
	var text strings.Builder
	for _, p := range s.points {
		if math.IsNaN(p.y) || math.IsInf(p.y, 0) {
			continue
		}
		x, y := sx(p.x), sy(p.y)
		fmt.Fprintf(&text, "%g,%g ", x, y)
		if s.dots {
			l.Dots = append(l.Dots, dot{x, y, fmt.Sprintf("%s: %s at %s", s.name, number(p.y), number(p.x))})
		}
	}
	l.Points = strings.TrimSpace(text.String())
	return l
}

// A span is a part of an axis.
type span struct{ from, to float64 }

// ranges returns the axes that show all points; x begins at 0.
func (f frame) ranges(list []series) (x, y span) {
	x, y = span{0, math.Inf(-1)}, span{math.Inf(1), f.top}
	if f.top == 0 {
		y.to = math.Inf(-1)
	}
	for _, s := range list {
		for _, p := range s.points {
			x, y = x.and(p.x), y.and(p.y)
		}
	}
	if f.zero {
		y = y.and(0)
	}
	return x.proper(0), y.proper(0.06)
}

func (s span) and(v float64) span {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return s
	}
	return span{math.Min(s.from, v), math.Max(s.to, v)}
}

// proper makes a span that is not empty, with some air at ends that are not 0.
func (s span) proper(air float64) span {
	if math.IsInf(s.from, 0) || math.IsInf(s.to, 0) {
		return span{0, 1}
	}
	if s.to-s.from < 1e-9 {
		s.from, s.to = s.from-0.5, s.to+0.5
	}
	room := air * (s.to - s.from)
	if s.from != 0 {
		s.from -= room
	}
	return span{s.from, s.to + room}
}

// ticks lists about n round values within the span.
func (s span) ticks(n int) []float64 {
	step := math.Pow(10, math.Floor(math.Log10((s.to-s.from)/float64(n))))
	for _, f := range []float64{2, 2.5, 2} { // 2, 5, 10
		if (s.to-s.from)/step > float64(n) {
			step *= f
		}
	}
	var list []float64
	for k := math.Ceil(s.from/step - 1e-9); k*step <= s.to+1e-9*step; k++ {
		list = append(list, k*step)
	}
	return list
}

// number writes a value short. Adding 0 makes 0 of −0.
func number(v float64) string { return strconv.FormatFloat(math.Round(v*1e4)/1e4+0, 'g', 6, 64) }

func round(v float64) float64 { return math.Round(10*v) / 10 }

// ramp is the colour of encoder j of n (0-based).
func ramp(j, n int) template.CSS { return template.CSS(look.Ramp(j, n)) }
