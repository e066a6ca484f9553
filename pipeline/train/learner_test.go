package train

import (
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/optim"
	"github.com/powerbert/powerbert/pipeline/plan"
)

// Choices go by what is held out for them, and by dev where nothing is.
func TestChooses(t *testing.T) {
	dev, heldOut := make([]data.Encoded, 3), make([]data.Encoded, 2)
	for _, row := range []struct {
		heldOut []data.Encoded
		want    int
	}{{heldOut, 2}, {nil, 3}} {
		if x := (Examples{Dev: dev, HeldOut: row.heldOut}); len(x.Chooses()) != row.want {
			t.Errorf("%d examples held out, 3 of dev: %d choose, want %d", len(row.heldOut), len(x.Chooses()), row.want)
		}
	}
}

// A dry run looks at as many batches of a set as it makes steps, from all over it.
func TestSeen(t *testing.T) {
	set := make([]data.Encoded, 500)
	for i := range set {
		set[i].Label = i
	}
	for _, row := range []struct{ steps, want int }{{0, 500}, {1, 64}, {2, 128}, {8, 500}} {
		got := seen(plan.Plan{MaxSteps: row.steps}, set)
		if len(got) != row.want || got[0].Label > 4 || got[len(got)-1].Label < 490 {
			t.Errorf("%d steps: it looks at %d examples, from %d to %d; want %d of all over 500", row.steps, len(got), got[0].Label, got[len(got)-1].Label, row.want)
		}
	}
}

// The encoders of a model are put on one another as a whole, over and over.
func TestStackedOn(t *testing.T) {
	for j, want := range []int{0, 1, 0, 1, 0} {
		if got := stackedOn(2)(j); got != want {
			t.Errorf("encoder %d on two begins as their %d, want %d", j, got, want)
		}
	}
}

// The moments of a tensor are those of the one that it begins as.
func TestInheritState(t *testing.T) {
	moments := func(names ...string) (all []optim.Moments[float32]) {
		for i, name := range names {
			all = append(all, optim.Moments[float32]{Name: name, M: []float32{float32(i)}, V: []float32{float32(10 + i)}})
		}
		return all
	}
	like, state := optim.State[float32]{Moments: moments("x", "a", "y", "z")}, optim.State[float32]{Step: 7, Moments: moments("a", "b", "c")}
	got := inheritState(like, state, map[string]string{"x": "b", "a": "a", "y": "b", "z": "c"})
	for i, want := range []struct {
		name string
		m    float32
	}{{"x", 1}, {"a", 0}, {"y", 1}, {"z", 2}} {
		m := got.Moments[i]
		if m.Name != want.name || len(m.M) != 1 || m.M[0] != want.m || m.V[0] != 10+want.m {
			t.Errorf("moments %d are %+v, want %v of %s", i, m, want.m, want.name)
		}
	}
	if got.Step != 7 {
		t.Errorf("step %d, want 7", got.Step)
	}
}
