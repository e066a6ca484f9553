package infer

import (
	"context"
	"errors"
	"testing"

	"github.com/powerbert/powerbert/data"
)

func TestTimeMeasuresEveryWay(t *testing.T) {
	dense, power := tiny(t, nil), tiny(t, &absolute)
	examples, _ := encoded(dense, 30)
	ways := []*Timed{{Model: dense, PadTo: length}, {Model: dense}, {Model: power, PadTo: length}, {Model: power}}
	if err := Time(t.Context(), ways, examples, 7, 3); err != nil {
		t.Fatal(err)
	}
	for i, w := range ways {
		s := w.PerExample
		if !(0 < s.Min && s.Min <= s.Median && s.Median <= s.Max) {
			t.Errorf("way %d took %+v", i, s)
		}
	}
	cost := func(i int) float64 { return ways[i].Model.Cost(examples, ways[i].PadTo) }
	if a, b, c := cost(0), cost(1), cost(3); !(a > b && b > c) {
		t.Errorf("multiply-adds: padded %v, unpadded %v, PoWER %v, want each less", a, b, c)
	}
}

// One dense example of 3 encoders by hand: n = 22, H = 12, F = 20; two encoders
// of 4nH² + 2n²H + 2nHF, and the last for [CLS]: 2nH² + 2H² + 2nH + 2HF.
func TestCostByHand(t *testing.T) {
	m := tiny(t, nil)
	examples, _ := encoded(m, 1)
	want := float64(2*(4*22*144+2*484*12+2*22*240) + 2*22*144 + 2*144 + 2*22*12 + 2*240)
	if got := m.Cost(examples, length); got != want {
		t.Errorf("cost %v, want %v", got, want)
	}
	if a, b := tiny(t, &voting).Cost(examples, 0), tiny(t, &absolute).Cost(examples, length); a != b {
		t.Errorf("where padding votes an example costs %v, want the padded %v", a, b)
	}
}

// An example costs what the rows that its run counted cost: by the formula of
// early gather, and of the last encoder on [CLS] alone.
func TestCostIsOfTheRowsThatRan(t *testing.T) {
	const h, f = 12, 20
	for name, r := range kinds {
		m := tiny(t, r)
		examples, _ := encoded(m, 9)
		for _, e := range examples {
			for _, padTo := range []int{0, length} {
				p, err := m.Run(t.Context(), []data.Encoded{e}, padTo, 1)
				if err != nil {
					t.Fatal(err)
				}
				n, want := max(len(e.IDs), m.rows(padTo)), 0
				for _, kept := range p.Kept[:2] {
					l := int(kept)
					want += 3*n*h*h + n*n*h + l*n*h + l*h*h + 2*l*h*f
					n = l
				}
				want += 2*n*h*h + 2*h*h + 2*n*h + 2*h*f
				if got := m.Cost([]data.Encoded{e}, padTo); got != float64(want) {
					t.Errorf("%s, %d tokens padded to %d: cost %v, want %d", name, len(e.IDs), padTo, got, want)
				}
			}
		}
	}
}

func TestTimeReportsWhatItCannotDo(t *testing.T) {
	m := tiny(t, nil)
	examples, _ := encoded(m, 2)
	for _, c := range []struct{ examples, size, rounds int }{{0, 1, 1}, {2, 0, 1}, {2, 1, 0}} {
		if err := Time(t.Context(), []*Timed{{Model: m}}, examples[:c.examples], c.size, c.rounds); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Time(ctx, []*Timed{{Model: m}}, examples, 1, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("timing in a cancelled context: %v", err)
	}
}
