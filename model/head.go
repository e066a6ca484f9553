package model

import (
	"slices"
	"strings"

	"github.com/powerbert/powerbert/model/arch"
)

// headOrder says which output of a checkpoint's classifier each output of a model is, as
// names say it; nil where it cannot be told, so that the classifier is of no use. Names
// differ in more than case where they are others, as in transformers' own scripts.
func headOrder(was, now *arch.Config) []int {
	if was.Problem().Chosen() != now.Problem().Chosen() {
		return nil
	}
	if was.Outputs() == 1 && now.Outputs() == 1 {
		return []int{0} // there is nothing to confuse
	}
	return orderOf(was.Labels(), now.Labels())
}

// orderOf is where each name of a list stands in another of the same names; nil where the
// names are others. Names that stand there twice must stand where they stood.
func orderOf(was, now []string) []int {
	was, now = folded(was), folded(now)
	order := make([]int, len(now))
	for i, name := range now {
		order[i] = slices.Index(was, name)
		if i < len(was) && was[i] == name {
			order[i] = i
		}
	}
	sorted := slices.Sorted(slices.Values(order))
	for i, at := range sorted {
		if i != at {
			return nil
		}
	}
	if len(was) != len(now) {
		return nil
	}
	return order
}

func folded(names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = strings.ToLower(name)
	}
	return all
}

// reorder puts the rows of the classifier's outputs into an order: row i comes from order[i].
func (p *Params[T]) reorder(order []int) {
	for _, t := range p.tensors {
		if !t.Outputs {
			continue
		}
		values := p.arena[t.Offset : t.Offset+t.Size]
		was, width := slices.Clone(values), t.Size/len(order)
		for i, from := range order {
			copy(values[i*width:(i+1)*width], was[from*width:(from+1)*width])
		}
	}
}

// moved tells whether an order is another than the one it was.
func moved(order []int) bool {
	for i, from := range order {
		if i != from {
			return true
		}
	}
	return false
}
