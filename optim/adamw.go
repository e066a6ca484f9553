package optim

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Config is what all groups of an optimiser share.
type Config struct {
	Beta1, Beta2 float64 // decay rates of the moments
	Eps          float64 // added to √v
	Clip         float64 // largest norm of the gradient; 0: none
	Workers      int     // goroutines of a step, which do not change its result; 0: one
}

// A Group is parameters that train alike.
type Group[T kernel.Float] struct {
	Name        string
	LR          float64 // peak learning rate; SetScale's factor multiplies it
	WeightDecay float64 // decoupled: w ← w − lr·decay·w
	Unclipped   bool    // leave it out of the gradient's norm and of clipping
	Project     bool    // clip the weights to [0, 1] after each step
	Params      []*Param[T]
}

// ErrNotFinite is the error of a step whose gradient holds NaN or infinity. The
// step changed nothing.
var ErrNotFinite = errors.New("optim: the gradient is not finite")

// AdamW is Adam with decoupled weight decay (Loshchilov and Hutter 2019), step by
// step the arithmetic of torch.optim.AdamW:
//
//	w ← w − lr·decay·w
//	m ← β1·m + (1−β1)·g,   v ← β2·v + (1−β2)·g²
//	w ← w − lr/(1−β1ᵗ) · m/(√v/√(1−β2ᵗ) + eps)
//
// with clipping before it as torch.nn.utils.clip_grad_norm_: where the norm ‖g‖
// over all groups but the Unclipped ones exceeds Clip, their g is multiplied by
// Clip/(‖g‖ + 1e-6), in place.
//
// A step leaves the gradients as they are, but for clipping.
type AdamW[T kernel.Float] struct {
	config Config
	groups []Group[T]
	params []*trained[T]
	parts  []part[T]
	scale  float64
	step   int
	norm   float64
	now    update // the step under way
	err    error
}

// NewAdamW makes an optimiser over the parameters of all groups, with moments 0
// and scale 1. Step reports parameters of the same name, and weights and
// gradients that differ in length.
func NewAdamW[T kernel.Float](cfg Config, groups ...Group[T]) *AdamW[T] {
	a := &AdamW[T]{config: cfg, groups: slices.Clone(groups), scale: 1}
	seen := make(map[string]bool)
	for i := range groups {
		for _, p := range groups[i].Params {
			if err := a.add(&a.groups[i], p, seen); err != nil && a.err == nil {
				a.err = err
			}
		}
	}
	return a
}

// add takes a parameter of a group in.
func (a *AdamW[T]) add(g *Group[T], p *Param[T], seen map[string]bool) error {
	if seen[p.Name] {
		return fmt.Errorf("optim: two parameters are named %q", p.Name)
	}
	seen[p.Name] = true
	t, err := newTrained(p)
	if err != nil {
		return err
	}
	a.params = append(a.params, t)
	a.parts = append(a.parts, split(g, t)...)
	return nil
}

// SetScale sets the schedule's factor for the steps to come.
func (a *AdamW[T]) SetScale(factor float64) { a.scale = factor }

// GradNorm is the norm of the gradient at the last step, before clipping, over
// all groups but the Unclipped ones.
func (a *AdamW[T]) GradNorm() float64 { return a.norm }

// Step updates the weights by their gradients. Where the gradient is not finite it
// changes nothing and returns ErrNotFinite.
func (a *AdamW[T]) Step() error {
	if a.err != nil {
		return a.err
	}
	if err := a.measure(); err != nil {
		return err
	}
	a.step++
	a.prepare()
	a.each(&a.now)
	return nil
}

// measure finds the norm of the gradient. Its parts are summed in their own
// order, so that the norm does not depend on the number of goroutines.
func (a *AdamW[T]) measure() error {
	a.each(nil)
	var clipped, all float64
	for i := range a.parts {
		all += a.parts[i].squares
		if !a.parts[i].group.Unclipped {
			clipped += a.parts[i].squares
		}
	}
	a.norm = math.Sqrt(clipped)
	if math.IsNaN(all) || math.IsInf(all, 0) {
		return ErrNotFinite
	}
	return nil
}

// prepare works out the numbers of the step that every part uses.
func (a *AdamW[T]) prepare() {
	t := float64(a.step)
	a.now = update{
		Config: a.config, scale: a.scale, shrink: 1,
		corr1: 1 - math.Pow(a.config.Beta1, t), corr2: 1 - math.Pow(a.config.Beta2, t),
	}
	if a.config.Clip > 0 && a.norm > a.config.Clip {
		a.now.shrink = a.config.Clip / (a.norm + 1e-6)
	}
}
