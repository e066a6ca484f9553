package infer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/powerbert/powerbert/data"
)

func TestBenchMeasuresEveryWay(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	power := tiny(t, &absolute)
	examples, _ := encoded(power, 13)
	for _, workers := range []int{1, 3} {
		dense := power.Dense()
		ways := []*Benched{{Model: dense, PadTo: length}, {Model: dense}, {Model: power, PadTo: length}, {Model: power}}
		b := Bench{Examples: examples, Batch: 5, Workers: workers, Cores: workers + 1, Budget: time.Millisecond}
		if err := b.Run(t.Context(), ways); err != nil {
			t.Fatal(err)
		}
		for i, w := range ways {
			if w.Batches < 3*workers || w.Batches != ways[0].Batches {
				t.Errorf("%d workers, way %d ran %d batches, way 0 %d", workers, i, w.Batches, ways[0].Batches)
			}
			if !(0 < w.P50 && w.P50 <= w.P95) {
				t.Errorf("way %d: a batch takes %v ms, 95 %% of them %v", i, w.P50, w.P95)
			}
			if got := w.Tokens / w.Examples; got < 8 || got > length {
				t.Errorf("way %d: %v tokens per example", i, got)
			}
			if got, want := w.GFLOPs, 2e-9*w.MACs*w.Examples; math.Abs(got-want) > 1e-9*want {
				t.Errorf("way %d: %v GFLOP/s, want %v", i, got, want)
			}
		}
		if a, b, c := ways[0].MACs, ways[1].MACs, ways[3].MACs; !(a > b && b > c) {
			t.Errorf("multiply-adds: padded %v, unpadded %v, PoWER %v, want each less", a, b, c)
		}
	}
}

// Batches wrap around, and the mean cost is that of the examples as often as
// they ran.
func TestBenchCountsWhatRan(t *testing.T) {
	m := tiny(t, nil)
	short, err := m.Random(1, 4)
	if err != nil {
		t.Fatal(err)
	}
	long, err := m.Random(1, 9)
	if err != nil {
		t.Fatal(err)
	}
	b := Bench{Examples: append(short, long...), Batch: 3, Workers: 1}
	r := &runner{Benched: &Benched{Model: m, seconds: []float64{6e-3, 3e-3}}, bench: &b, took: []time.Duration{5e6, 1e6, 3e6}}
	r.settle() // 9 examples: 5 short, 4 long
	want := Benched{Model: m, Batches: 3, P50: 3, P95: 5, Examples: 1000, Tokens: (5*4 + 4*9) / 9e-3,
		MACs: (5*m.Cost(short, 0) + 4*m.Cost(long, 0)) / 9}
	want.GFLOPs = 2 * want.MACs * 1000 / 1e9
	if got := *r.Benched; !alike(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// alike compares up to rounding.
func alike(a, b Benched) bool {
	x := []float64{a.P50, a.P95, a.Examples, a.Tokens, a.MACs, a.GFLOPs}
	y := []float64{b.P50, b.P95, b.Examples, b.Tokens, b.MACs, b.GFLOPs}
	for i := range x {
		if math.Abs(x[i]-y[i]) > 1e-9*math.Abs(y[i]) {
			return false
		}
	}
	return a.Batches == b.Batches
}

func TestBenchReportsWhatItCannotDo(t *testing.T) {
	m := tiny(t, nil)
	examples, _ := encoded(m, 2)
	for _, b := range []Bench{{Batch: 1, Workers: 1}, {Examples: examples, Workers: 1}, {Examples: examples, Batch: 1}} {
		if err := b.Run(t.Context(), []*Benched{{Model: m}}); err == nil {
			t.Errorf("%+v: no error", b)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	b := Bench{Examples: examples, Batch: 1, Workers: 2, Budget: time.Hour}
	if err := b.Run(ctx, []*Benched{{Model: m}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("context ends: %v", err)
	}
}

func TestDenseHasTheSameWeights(t *testing.T) {
	m := tiny(t, &voting)
	dense, plain := m.Dense(), tiny(t, nil)
	examples, _ := encoded(m, 7)
	got, err := dense.Predict(examples)
	if err != nil {
		t.Fatal(err)
	}
	want, err := plain.Predict(examples)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || m.Config.PowerRetention == nil {
		t.Error("Dense is not the model without its retention configuration")
	}
}

// Batches take the examples in turn, round after round.
func TestBenchGoesRound(t *testing.T) {
	b := Bench{Batch: 3}
	for i := range int32(5) {
		b.Examples = append(b.Examples, data.Encoded{IDs: []int32{i}})
	}
	for i, want := range [][]int32{{0, 1, 2}, {3, 4, 0}, {1, 2, 3}, {4, 0, 1}} {
		var got []int32
		for _, e := range b.batch(i) {
			got = append(got, e.IDs[0])
		}
		if !slices.Equal(got, want) {
			t.Errorf("batch %d takes the examples %v, want %v", i, got, want)
		}
	}
}

// A turn gives each worker as many of the slowest batches as fill it, and one at least.
func TestBenchTurnsHaveTime(t *testing.T) {
	b := Bench{Workers: 3}
	for slowest, want := range map[time.Duration]int{1: 3 * int(turnTime), turnTime / 4: 12, turnTime: 3, turnTime + 1: 3, 5 * turnTime: 3} {
		if got := b.perTurn(slowest); got != want {
			t.Errorf("batches of %v: %d in a turn, want %d", slowest, got, want)
		}
	}
}

func TestRandomTexts(t *testing.T) {
	m := tiny(t, nil)
	texts, err := m.Random(6, 17)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := m.Random(6, 17)
	if !reflect.DeepEqual(texts, again) {
		t.Error("the same call makes other texts")
	}
	seen := map[int32]bool{}
	for _, e := range texts {
		if m.Tokenizer.Token(e.IDs[0]) != "[CLS]" || m.Tokenizer.Token(e.IDs[16]) != "[SEP]" || len(e.IDs) != 17 || len(e.Types) != 17 {
			t.Errorf("text %v is not [CLS] … [SEP] of 17 tokens", e.IDs)
		}
		for _, id := range e.IDs[1:16] {
			seen[id] = true
			if m.Tokenizer.Special(id) {
				t.Errorf("text %v holds the special token %s", e.IDs, m.Tokenizer.Token(id))
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("%d different pieces in 90, want a mixture", len(seen))
	}
	for _, n := range []int{1, 65} {
		if _, err := m.Random(1, n); err == nil {
			t.Errorf("a text of %d tokens: no error", n)
		}
	}
	if _, err := m.Predict([]data.Encoded{texts[0]}); err != nil {
		t.Error(err)
	}
}

// One disturbed turn in three does not show.
func TestLessTimeIsTheMedianOfTurns(t *testing.T) {
	dense, power := &Benched{seconds: []float64{60, 90, 30}, MACs: 8}, &Benched{Power: true, seconds: []float64{20, 900, 10}, MACs: 2}
	compare([]*Benched{dense, power})
	if math.Abs(power.LessTime-3) > 1e-9 || power.FewerMACs != 4 || dense.LessTime != 0 {
		t.Errorf("%v times less time, %v times fewer multiply-adds, dense %v; want 3, 4, and nothing", power.LessTime, power.FewerMACs, dense.LessTime)
	}
}

// A model stands beside itself without elimination, padded and not; one in which padding
// votes is padded in any case.
func TestLineUp(t *testing.T) {
	plain, power, votes := tiny(t, nil), tiny(t, &absolute), tiny(t, &voting)
	for _, c := range []struct {
		name     string
		m        *Model
		paddings []int
		want     string
	}{
		{"dense", plain, []int{0}, "dense 0;"},
		{"not padded", power, []int{0}, "dense 0; PoWER 0;"},
		{"both", power, []int{length, 0}, fmt.Sprintf("dense padded %d; PoWER padded %d; dense unpadded 0; PoWER unpadded 0;", length, length)},
		{"padding votes", votes, []int{0}, fmt.Sprintf("dense 0; PoWER padded %d;", voting.MaxLength)},
	} {
		var got []string
		dense := c.m.Dense()
		for _, w := range LineUp(c.m, dense, c.paddings) {
			got = append(got, fmt.Sprintf("%s %d;", w.Name, w.PadTo))
			if of := map[bool]*Model{true: c.m, false: dense}[w.Power]; w.Model != of {
				t.Errorf("%s: %s is of another model", c.name, w.Name)
			}
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: ways %s want %s", c.name, got, c.want)
		}
	}
}

// A rate is the median over what was done after warming up, for as long as asked by the
// clock and once at least.
func TestRate(t *testing.T) {
	for _, c := range []struct {
		took  []time.Duration // each time; the first warms up
		d     time.Duration
		want  float64
		times int
	}{
		{[]time.Duration{9, 2, 4, 1, 1}, 5, 3e9 * 3 / 8, 3}, // rates 1.5, 0.75: of 2 and 4 ns
		{[]time.Duration{9, 4}, 0, 0.75e9, 2},
		{[]time.Duration{9, 2, 4, 3, 1}, 9, 1e9, 4},
	} {
		clock, times := time.Unix(0, 0), 0
		got := rate(c.d, 3e9, func() time.Time { return clock }, func() { clock = clock.Add(c.took[times]); times++ })
		if times != c.times || math.Abs(got/c.want-1) > 1e-9 {
			t.Errorf("%v for %d ns: %v after %d times, want %v after %d", c.took, c.d, got, times, c.want, c.times)
		}
	}
}

// The product is one, and its rate no more than a processor can reach.
func TestProductRate(t *testing.T) {
	if rate := ProductRate(time.Millisecond); !(rate > 1e-3 && rate < 1e5) {
		t.Errorf("%v GFLOP/s", rate)
	}
}
