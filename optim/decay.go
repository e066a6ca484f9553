package optim

import (
	"strings"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Decays reports whether weight decay applies to a parameter of that name: not
// to LayerNorm, nor to biases.
func Decays(name string) bool {
	norm := strings.Contains(name, "LayerNorm") || strings.Contains(name, "layer_norm")
	return !norm && !strings.HasSuffix(name, ".bias")
}

// SplitDecay parts parameters into those that decay and those that decay
// spares, each in the given order.
func SplitDecay[T kernel.Float](params []*Param[T]) (decayed, spared []*Param[T]) {
	for _, p := range params {
		if Decays(p.Name) {
			decayed = append(decayed, p)
		} else {
			spared = append(spared, p)
		}
	}
	return decayed, spared
}
