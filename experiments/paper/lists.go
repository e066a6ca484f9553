package paper

import (
	"cmp"
	"slices"
)

// each is what of says of every element.
func each[E, T any](list []E, of func(E) T) []T {
	out := make([]T, len(list))
	for i, e := range list {
		out[i] = of(e)
	}
	return out
}

// distinct are the values, or others where there are none, sorted and each once.
func distinct[T cmp.Ordered](values []T, others ...T) []T {
	if len(values) == 0 {
		values = others
	}
	return slices.Compact(slices.Sorted(slices.Values(values)))
}
