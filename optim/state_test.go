package optim

import (
	"slices"
	"testing"
)

// copyState is s in memory of its own, as a checkpoint holds it.
func copyState(s State[float32]) State[float32] {
	c := State[float32]{Step: s.Step}
	for _, m := range s.Moments {
		c.Moments = append(c.Moments, Moments[float32]{m.Name, slices.Clone(m.M), slices.Clone(m.V)})
	}
	return c
}

func TestStateContinuesExactly(t *testing.T) {
	train := func(opt *AdamW[float32], groups []Group[float32], from, to int) {
		for step := from; step < to; step++ {
			fill(step, groups)
			opt.SetScale(Schedule{Total: 40, Warmup: 4}.At(step))
			if err := opt.Step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	whole, wholeGroups := build[float32](adam, twoGroups)
	train(whole, wholeGroups, 0, 40)

	first, firstGroups := build[float32](adam, twoGroups)
	train(first, firstGroups, 0, 17)
	saved := copyState(first.State())
	slices.Reverse(saved.Moments) // the order in a file does not matter
	second, secondGroups := build[float32](adam, twoGroups)
	for i, g := range firstGroups {
		for k, p := range g.Params {
			copy(secondGroups[i].Params[k].Value, p.Value)
		}
	}
	if err := second.SetState(saved); err != nil {
		t.Fatal(err)
	}
	train(second, secondGroups, 17, 40)
	if !slices.Equal(flatten(secondGroups), flatten(wholeGroups)) {
		t.Error("weights of the restored run differ from the uninterrupted one's")
	}
	if second.State().Step != 40 {
		t.Errorf("step is %d, want 40", second.State().Step)
	}
}

func TestSetStateRefusesAnothersState(t *testing.T) {
	opt, groups := build[float32](adam, []groupSpec{{sizes: []int{3, 2}, lr: 1}})
	for _, c := range []struct {
		name   string
		change func(*State[float32])
		want   string
	}{
		{"missing", func(s *State[float32]) { s.Moments = s.Moments[:1] }, `optim: saved state has no parameter "a1"`},
		{"length", func(s *State[float32]) { s.Moments[0].V = s.Moments[0].V[:1] }, `optim: saved moments of "a0" have lengths 3 and 1, want 3`},
		{"unknown", func(s *State[float32]) { s.Moments = append(s.Moments, Moments[float32]{Name: "z"}) },
			`optim: saved state has parameter "z", which is not trained here`},
		{"step", func(s *State[float32]) { s.Step = -1 }, `optim: saved step is -1, want 0 or more`},
		{"all at once", func(s *State[float32]) { s.Moments[0].Name = "y" },
			"optim: saved state has no parameter \"a0\"\noptim: saved state has parameter \"y\", which is not trained here"},
	} {
		fill(1, groups)
		if err := opt.Step(); err != nil {
			t.Fatal(err)
		}
		before := copyState(opt.State())
		bad := copyState(opt.State())
		bad.Step, bad.Moments[0].M[0] = 0, 99
		c.change(&bad)
		if err := opt.SetState(bad); err == nil || err.Error() != c.want {
			t.Errorf("%s: got error\n%v\nwant\n%s", c.name, err, c.want)
		}
		if after := opt.State(); after.Step != before.Step || !slices.Equal(after.Moments[0].M, before.Moments[0].M) {
			t.Errorf("%s: a refused state changed the optimiser", c.name)
		}
	}
}

func TestStateIsLive(t *testing.T) {
	opt, groups := build[float32](adam, twoGroups)
	s := opt.State()
	fill(0, groups)
	if err := opt.Step(); err != nil {
		t.Fatal(err)
	}
	if s.Moments[0].M[0] == 0 || s.Moments[4].V[28] == 0 {
		t.Error("State copies the moments")
	}
}
