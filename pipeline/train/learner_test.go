package train

import (
	"testing"

	"github.com/powerbert/powerbert/optim"
)

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
