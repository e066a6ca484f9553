package report

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestTicksAreRound(t *testing.T) {
	for _, c := range []struct {
		span span
		n    int
		want []float64
	}{
		{span{0, 64}, 5, []float64{0, 20, 40, 60}},
		{span{0, 1}, 5, []float64{0, 0.2, 0.4, 0.6, 0.8, 1}},
		{span{0, 3}, 6, []float64{0, 0.5, 1, 1.5, 2, 2.5, 3}},
		{span{-0.5, 0.5}, 2, []float64{-0.5, 0, 0.5}},
		{span{0.741, 0.935}, 5, []float64{0.75, 0.8, 0.85, 0.9}},
		{span{0, 4210}, 6, []float64{0, 1000, 2000, 3000, 4000}},
	} {
		got := c.span.ticks(c.n)
		for i := range got {
			got[i] = math.Round(1e6*got[i]) / 1e6
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: ticks %v, want %v", c.span, got, c.want)
		}
	}
}

// Points lie where the axes say: 0,0 at the lower left, the largest at the right.
func TestDrawPlacesPoints(t *testing.T) {
	c := frame{zero: true, top: 10, shadeFrom: 3, shade: "nothing"}.draw(
		series{name: "a", points: []point{{0, 0}, {4, 5}}, dots: true}, series{name: "b", points: []point{{2, 10}}})
	if got, want := c.Lines[0].Points, "46,190 402,105.1"; got != want {
		t.Errorf("points %q, want %q", got, want)
	}
	if got, want := c.Lines[0].Dots[1].Title, "a: 5 at 4"; got != want {
		t.Errorf("dot says %q, want %q", got, want)
	}
	if len(c.Lines[1].Dots) != 0 {
		t.Error("dots were not asked for")
	}
	if got, want := *c.Shade, (band{313, 89, "nothing"}); got != want {
		t.Errorf("shade %+v, want %+v", got, want)
	}
	if first := c.YTicks[0]; first != (tick{190, "0"}) {
		t.Errorf("first tick %+v, want 0 at the bottom", first)
	}
}

// Nothing to draw, one value, and values that are none give a chart all the same.
func TestDrawOfLittle(t *testing.T) {
	for name, s := range map[string]series{
		"nothing":     {},
		"one point":   {points: []point{{3, 0.5}}, dots: true},
		"no numbers":  {points: []point{{1, math.NaN()}, {2, 1}}, dots: true},
		"one at zero": {points: []point{{0, 0}}},
	} {
		c := frame{}.draw(s)
		for _, tick := range append(c.XTicks, c.YTicks...) {
			if math.IsNaN(tick.At) || math.IsInf(tick.At, 0) {
				t.Errorf("%s: a tick at %v", name, tick.At)
			}
		}
		if strings.Contains(c.Lines[0].Points, "NaN") || strings.Contains(c.Lines[0].Points, "Inf") {
			t.Errorf("%s: points %q", name, c.Lines[0].Points)
		}
	}
}
