package optim

import (
	"strings"

	"github.com/powerbert/powerbert/internal/kernel"
)

// SplitDecay parts parameters, by their names, into those that decay and those that
// decay spares, LayerNorm's and biases, each in the given order.
func SplitDecay[T kernel.Float](params []*Param[T]) (decayed, spared []*Param[T]) {
	for _, p := range params {
		if decays(p.Name) {
			decayed = append(decayed, p)
		} else {
			spared = append(spared, p)
		}
	}
	return decayed, spared
}

func decays(name string) bool {
	norm := strings.Contains(name, "LayerNorm") || strings.Contains(name, "layer_norm")
	return !norm && !strings.HasSuffix(name, ".bias")
}
