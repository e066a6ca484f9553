package plots

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A name is not where another thing is, nor outside, and as near as that allows.
func TestPlace(t *testing.T) {
	at, size, bounds := vg.Point{X: 50, Y: 50}, vg.Point{X: 20, Y: 10}, vg.Rectangle{Max: vg.Point{X: 100, Y: 100}}
	taken := []vg.Rectangle{around(at, vg.Point{X: 4, Y: 4})}
	var last vg.Length
	placed := 0
	for ; placed < 100; placed++ {
		box, ok := place(at, size, bounds, taken, 30)
		if !ok {
			break
		}
		if slices.ContainsFunc(taken, func(o vg.Rectangle) bool { return meet(box, o) }) || box.Min.X < 0 || box.Max.Y > 100 {
			t.Fatalf("%+v lies over another or outside", box)
		}
		if placed == 0 && (box.Min.X != at.X-10 || box.Min.Y > at.Y+5) {
			t.Errorf("the first, %+v, is not right above its point", box)
		}
		last = max(last, box.Max.Y)
		taken = append(taken, box)
	}
	if placed < 6 || placed == 100 || last < 70 {
		t.Errorf("%d names found room, up to %v", placed, last)
	}
	if box, ok := place(at, size, bounds, along(vg.Point{X: 0, Y: 58}, vg.Point{X: 100, Y: 58}), 0); !ok || box.Max.Y > 58 {
		t.Errorf("%+v is struck through", box)
	}
}

// The legend stands beneath the panels, in which nothing is left of it, and every name is
// written once.
func TestDraw(t *testing.T) {
	p := New("title", "x", "y")
	points := plotter.XYs{{X: 0, Y: 0}, {X: 0.01, Y: 0.01}, {X: 1, Y: 1}}
	if err := Line(p, 0, "a curve", points); err != nil {
		t.Fatal(err)
	}
	p.Add(&Names{Points: points, Texts: []string{"first", "second", "third"}, Marks: points, Curves: []plotter.XYs{points}, Reach: vg.Centimeter})
	var out bytes.Buffer
	if err := Draw(&out, [][]*plot.Plot{{p}}, draw.Tiles{Rows: 1, Cols: 1}, 200, 100, "svg"); err != nil {
		t.Fatal(err)
	}
	svg := out.String()
	for _, text := range []string{"a curve", "first", "second", "third"} {
		if strings.Count(svg, ">"+text+"</text>") != 1 {
			t.Errorf("%s is not written once", text)
		}
	}
	y := func(text string) float64 { // downwards
		m := regexp.MustCompile(`y="(-?[\d.]+)"[^>]*>` + text + `</text>`).FindStringSubmatch(svg)
		v, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if !(y("title") < y("x") && y("x") < y("a curve")) || !strings.Contains(svg, `height="118`) {
		t.Errorf("the title is at %v, the axis at %v, the legend at %v of\n%s", y("title"), y("x"), y("a curve"), svg[:300])
	}
}
