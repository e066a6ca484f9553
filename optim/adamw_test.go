package optim

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
)

// scalar is one weight of the reference: AdamW as PyTorch's documentation writes
// it, one number at a time, all in float64.
type scalar struct{ w, m, v float64 }

func (s *scalar) step(t int, g, lr, decay float64, c Config) {
	s.w -= lr * decay * s.w
	s.m = c.Beta1*s.m + (1-c.Beta1)*g
	s.v = c.Beta2*s.v + (1-c.Beta2)*g*g
	mHat := s.m / (1 - math.Pow(c.Beta1, float64(t)))
	vHat := s.v / (1 - math.Pow(c.Beta2, float64(t)))
	s.w -= lr * mHat / (math.Sqrt(vHat) + c.Eps)
}

// reference is groups of scalars.
type reference [][]scalar

// step updates all groups and returns the norm of the gradient before clipping.
func (r reference) step(t int, grads [][]float64, scale float64, c Config, groups []groupSpec) float64 {
	var squares float64
	for i, g := range grads {
		for _, x := range g {
			if !groups[i].unclipped {
				squares += x * x
			}
		}
	}
	norm := math.Sqrt(squares)
	for i, g := range grads {
		for k, x := range g {
			if c.Clip > 0 && norm > c.Clip && !groups[i].unclipped {
				x *= c.Clip / (norm + 1e-6)
			}
			s := &r[i][k]
			s.step(t, x, groups[i].lr*scale, groups[i].decay, c)
			if groups[i].project {
				s.w = math.Min(math.Max(s.w, 0), 1)
			}
		}
	}
	return norm
}

type groupSpec struct {
	sizes              []int
	lr, decay          float64
	unclipped, project bool
}

// build makes an optimiser over the groups, with weights in (0, 1).
func build[T kernel.Float](c Config, groups []groupSpec) (*AdamW[T], []Group[T]) {
	rng := rand.New(rand.NewPCG(3, 4))
	var made []Group[T]
	for i, g := range groups {
		group := Group[T]{Name: string(rune('a' + i)), LR: g.lr, WeightDecay: g.decay, Unclipped: g.unclipped, Project: g.project}
		for k, n := range g.sizes {
			p := &Param[T]{Name: group.Name + string(rune('0'+k)), Value: make([]T, n), Grad: make([]T, n)}
			for j := range p.Value {
				p.Value[j] = T(float32(rng.Float64()))
			}
			group.Params = append(group.Params, p)
		}
		made = append(made, group)
	}
	return NewAdamW(c, made...), made
}

// fill draws the gradients of step t, the same for every T.
func fill[T kernel.Float](t int, groups []Group[T]) [][]float64 {
	rng := rand.New(rand.NewPCG(7, uint64(t)))
	all := make([][]float64, len(groups))
	for i, g := range groups {
		for _, p := range g.Params {
			for j := range p.Grad {
				p.Grad[j] = T(float32(rng.NormFloat64() + 0.3*float64(i)))
				all[i] = append(all[i], float64(p.Grad[j]))
			}
		}
	}
	return all
}

var adam = Config{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}

func with(change func(*Config)) Config {
	c := adam
	change(&c)
	return c
}

// twoGroups has odd sizes, one of them over a part's.
var twoGroups = []groupSpec{
	{sizes: []int{13, partSize + 7, 1}, lr: 3e-3, decay: 0.1},
	{sizes: []int{5, 29}, lr: 5e-2, unclipped: true, project: true},
}

func TestAdamWEqualsReference(t *testing.T) {
	for name, c := range map[string]struct {
		Config
		groups   []groupSpec
		schedule Schedule
	}{
		"plain":              {adam, []groupSpec{{sizes: []int{7}, lr: 1e-2}}, Schedule{}},
		"decay":              {adam, []groupSpec{{sizes: []int{7, 3}, lr: 1e-2, decay: 0.3}}, Schedule{}},
		"projection":         {adam, []groupSpec{{sizes: []int{11}, lr: 0.2, project: true}}, Schedule{}},
		"eps of the authors": {with(func(c *Config) { c.Eps = 1e-7 }), []groupSpec{{sizes: []int{7}, lr: 1e-2}}, Schedule{}},
		"other betas":        {with(func(c *Config) { c.Beta1, c.Beta2 = 0.5, 0.9 }), []groupSpec{{sizes: []int{7}, lr: 1e-2}}, Schedule{}},
		"clipping":           {with(func(c *Config) { c.Clip = 2 }), []groupSpec{{sizes: []int{9}, lr: 1e-2}}, Schedule{}},
		"all of it":          {with(func(c *Config) { c.Clip = 50 }), twoGroups, Schedule{Total: 60, Warmup: 6}},
		"authors' schedule":  {adam, twoGroups, Schedule{Total: 60, Warmup: 6, IBM: true}},
	} {
		t.Run(name+" float64", func(t *testing.T) { followReference[float64](t, c.Config, c.groups, c.schedule, 1e-12) })
		t.Run(name+" float32", func(t *testing.T) { followReference[float32](t, c.Config, c.groups, c.schedule, 2e-5) })
	}
}

func followReference[T kernel.Float](t *testing.T, c Config, specs []groupSpec, s Schedule, tolerance float64) {
	opt, groups := build[T](c, specs)
	ref := make(reference, len(groups))
	for i, g := range groups {
		for _, p := range g.Params {
			for _, w := range p.Value {
				ref[i] = append(ref[i], scalar{w: float64(w)})
			}
		}
	}
	for step := range 60 {
		scale := 1.0
		if s.Total > 0 {
			scale = s.At(step)
			opt.SetScale(scale)
		}
		norm := ref.step(step+1, fill(step, groups), scale, c, specs)
		if err := opt.Step(); err != nil {
			t.Fatal(err)
		}
		if math.Abs(opt.GradNorm()-norm) > tolerance*norm {
			t.Fatalf("step %d: gradient norm %v, want %v", step, opt.GradNorm(), norm)
		}
	}
	for i, g := range groups {
		k := 0
		for _, p := range g.Params {
			for _, w := range p.Value {
				if want := ref[i][k].w; math.Abs(float64(w)-want) > tolerance*max(1, math.Abs(want)) {
					t.Fatalf("%s[%d] is %v, want %v", p.Name, k, w, want)
				}
				k++
			}
		}
	}
}

// The first step of Adam moves a weight by lr·g/(|g| + eps): both moments are the
// gradient's own after correction.
func TestFirstStep(t *testing.T) {
	p := &Param[float64]{Name: "w", Value: []float64{1, 1, 1}, Grad: []float64{4, -0.25, 0}}
	opt := NewAdamW(adam, Group[float64]{LR: 0.125, Params: []*Param[float64]{p}})
	if err := opt.Step(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.875, 1.125, 1} {
		if math.Abs(p.Value[i]-want) > 1e-8 {
			t.Errorf("weight %d is %v, want %v", i, p.Value[i], want)
		}
	}
	if want := []float64{4, -0.25, 0}; !slices.Equal(p.Grad, want) {
		t.Errorf("gradient after the step is %v, want it left at %v", p.Grad, want)
	}
}

func TestProjectionHoldsAtEveryStep(t *testing.T) {
	opt, groups := build[float32](adam, []groupSpec{{sizes: []int{31}, lr: 0.7, project: true}})
	for step := range 50 {
		fill(step, groups)
		if err := opt.Step(); err != nil {
			t.Fatal(err)
		}
		for i, r := range groups[0].Params[0].Value {
			if !(r >= 0 && r <= 1) {
				t.Fatalf("step %d: r[%d] = %v", step, i, r)
			}
		}
	}
}

func TestWorkersDoNotChangeTheResult(t *testing.T) {
	run := func(workers int) ([]float32, float64) {
		opt, groups := build[float32](with(func(c *Config) { c.Clip, c.Workers = 3, workers }), twoGroups)
		for step := range 5 {
			fill(step, groups)
			if err := opt.Step(); err != nil {
				t.Fatal(err)
			}
		}
		return flatten(groups), opt.GradNorm()
	}
	want, wantNorm := run(0)
	for _, workers := range []int{1, 2, 3, 16} {
		if got, norm := run(workers); !slices.Equal(got, want) || norm != wantNorm {
			t.Errorf("%d goroutines give other bits than one", workers)
		}
	}
}

func flatten[T kernel.Float](groups []Group[T]) (all []T) {
	for _, g := range groups {
		for _, p := range g.Params {
			all = append(all, p.Value...)
		}
	}
	return all
}

func TestStepRefusesWhatIsNotFinite(t *testing.T) {
	for name, bad := range map[string]float32{"nan": float32(math.NaN()), "infinity": float32(math.Inf(-1))} {
		for group := range twoGroups {
			t.Run(name, func(t *testing.T) {
				opt, groups := build[float32](adam, twoGroups)
				fill(0, groups)
				if err := opt.Step(); err != nil {
					t.Fatal(err)
				}
				before := flatten(groups)
				groups[group].Params[1].Grad[2] = bad
				if err := opt.Step(); !errors.Is(err, ErrNotFinite) {
					t.Fatalf("error is %v, want ErrNotFinite", err)
				}
				if !slices.Equal(flatten(groups), before) || opt.State().Step != 1 {
					t.Error("the step changed weights or the step count")
				}
			})
		}
	}
}

func TestStepReportsParametersThatCannotTrain(t *testing.T) {
	p := func(name string, w, g int) *Param[float32] {
		return &Param[float32]{Name: name, Value: make([]float32, w), Grad: make([]float32, g)}
	}
	for _, c := range []struct {
		params []*Param[float32]
		want   string
	}{
		{[]*Param[float32]{p("w", 3, 3), p("w", 3, 3)}, `optim: two parameters are named "w"`},
		{[]*Param[float32]{p("w", 3, 2)}, `optim: parameter "w" has 3 weights and a gradient of 2, want as many, 1 or more`},
		{[]*Param[float32]{p("w", 0, 0)}, `optim: parameter "w" has 0 weights and a gradient of 0, want as many, 1 or more`},
	} {
		opt := NewAdamW(adam, Group[float32]{LR: 1, Params: c.params})
		if err := opt.Step(); err == nil || err.Error() != c.want {
			t.Errorf("got error %v, want %s", err, c.want)
		}
	}
}

func TestSteadyStepAllocatesNothing(t *testing.T) {
	opt, groups := build[float32](with(func(c *Config) { c.Clip = 1 }), twoGroups)
	fill(0, groups)
	if n := testing.AllocsPerRun(10, func() { _ = opt.Step() }); n > 0 {
		t.Errorf("a step allocates %v times", n)
	}
}
