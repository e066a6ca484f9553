package model

import (
	"hash/fnv"
	"math/rand/v2"
	"strings"
)

// Init gives the parameters the starting values of transformers: weights
// and embeddings normal with standard deviation initializer_range, biases 0,
// LayerNorm 1 and 0. The values of a tensor depend on seed, its name and its
// size alone, and are the same in float32 and float64 but for rounding.
func (p *Params[T]) Init(seed uint64) {
	for _, t := range p.tensors {
		p.initTensor(t, seed)
	}
}

func (p *Params[T]) initTensor(t Tensor, seed uint64) {
	data := p.arena[t.Offset : t.Offset+t.Size]
	switch {
	case strings.HasSuffix(t.Name, ".bias"):
		clear(data)
	case isNorm(t.Name): // its weight
		for i := range data {
			data[i] = 1
		}
	default:
		normal(data, p.std, seed, t.Name)
	}
}

// normal fills data with the normal numbers that belong to seed and name.
func normal[T ~float32 | ~float64](data []T, std float64, seed uint64, name string) {
	h := fnv.New64a()
	h.Write([]byte(name))
	rng := rand.New(rand.NewPCG(seed, h.Sum64()))
	for i := range data {
		data[i] = T(std * rng.NormFloat64())
	}
}
