package optim

import (
	"fmt"

	"github.com/powerbert/powerbert/internal/kernel"
)

// A Param is a parameter to train: memory that others own and use.
type Param[T kernel.Float] struct {
	Name  string
	Value []T // the weights
	Grad  []T // their gradient, of the same length
}

// trained is a parameter of an optimiser, with the moments of its gradient.
type trained[T kernel.Float] struct {
	*Param[T]
	m, v []T
}

// newTrained makes the moments of p, all 0.
func newTrained[T kernel.Float](p *Param[T]) (*trained[T], error) {
	n := len(p.Value)
	if n == 0 || len(p.Grad) != n {
		return nil, fmt.Errorf("optim: parameter %q has %d weights and a gradient of %d, want as many, 1 or more", p.Name, n, len(p.Grad))
	}
	return &trained[T]{Param: p, m: kernel.Make[T](n), v: kernel.Make[T](n)}, nil
}
