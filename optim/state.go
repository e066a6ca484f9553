package optim

import (
	"errors"
	"fmt"

	"github.com/powerbert/powerbert/internal/kernel"
)

// State is what an optimiser needs to go on exactly where it was, besides
// weights and learning rates.
type State[T kernel.Float] struct {
	Step    int          // steps done
	Moments []Moments[T] // of every parameter, in the order of the groups
}

// Moments is the running means of a parameter's gradient and of its square.
type Moments[T kernel.Float] struct {
	Name string
	M, V []T
}

// State is the optimiser's state. Its slices are the optimiser's own memory: the
// next step changes them.
func (a *AdamW[T]) State() State[T] {
	s := State[T]{Step: a.step}
	for _, p := range a.params {
		s.Moments = append(s.Moments, Moments[T]{p.Name, p.m, p.v})
	}
	return s
}

// SetState copies s into the optimiser. It reports everything in which s belongs
// to other parameters, and then changes nothing.
func (a *AdamW[T]) SetState(s State[T]) error {
	saved := make(map[string]Moments[T], len(s.Moments))
	for _, m := range s.Moments {
		saved[m.Name] = m
	}
	if err := a.fits(s.Step, saved); err != nil {
		return err
	}
	a.step = s.Step
	for _, p := range a.params {
		copy(p.m, saved[p.Name].M)
		copy(p.v, saved[p.Name].V)
	}
	return nil
}

// fits reports why saved is not the state of a's parameters.
func (a *AdamW[T]) fits(step int, saved map[string]Moments[T]) error {
	var errs []error
	if step < 0 {
		errs = append(errs, fmt.Errorf("optim: saved step is %d, want 0 or more", step))
	}
	own := make(map[string]bool, len(a.params))
	for _, p := range a.params {
		own[p.Name] = true
		m, ok := saved[p.Name]
		if !ok {
			errs = append(errs, fmt.Errorf("optim: saved state has no parameter %q", p.Name))
		} else if len(m.M) != len(p.m) || len(m.V) != len(p.v) {
			errs = append(errs, fmt.Errorf("optim: saved moments of %q have lengths %d and %d, want %d", p.Name, len(m.M), len(m.V), len(p.m)))
		}
	}
	for name := range saved {
		if !own[name] {
			errs = append(errs, fmt.Errorf("optim: saved state has parameter %q, which is not trained here", name))
		}
	}
	return errors.Join(errs...)
}
