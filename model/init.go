package model

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/powerbert/powerbert/model/arch"
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
	switch t.Role {
	case arch.LinearBias, arch.NormBias:
		clear(data)
	case arch.NormWeight:
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

// InitLocal is Init, but for a BERT whose attention begins at neighbours: even heads
// at words before (1, then 2, …), odd heads at words as far after. Random weights
// attend everywhere alike, and a small BERT stays long at what words tell wherever
// they stand before it finds out about order. Shape and training are a BERT's; what
// attention becomes is up to the gradient.
//
// Position i is sin(ωi), cos(ωi) over wavelengths from 3 positions up (Vaswani et
// al. 2017); queries and keys are added a map that picks pairs of them, the keys'
// turned by the head's offset, so that their product has its peak there (after the
// mimetic initialisation of Trockman and Kolter 2023, which attends to the word itself).
func (p *Params[T]) InitLocal(seed uint64) {
	p.Init(seed)
	positions := p.net.Embedding.Positions
	h, table := positions.Width, p.Slice(positions.Name)
	amplitude := 2 * p.std * math.Sqrt2 // twice the words': a word's likeness to itself is to be the lesser
	for i := range positions.Rows {
		for k := range h / 2 {
			sin, cos := math.Sincos(float64(i) * frequency(k, h/2))
			table[i*h+2*k], table[i*h+2*k+1] = T(amplitude*sin), T(amplitude*cos)
		}
	}
	for _, b := range p.net.Weighted() {
		pickPositions(p.Slice(b.Attention.Query.Weight()), h, b.Attention.Heads, 0)
		pickPositions(p.Slice(b.Attention.Key.Weight()), h, b.Attention.Heads, 1)
	}
}

// pickPositions adds to the weights (h, h) of queries or keys, for each head, pairs
// of the position's sinusoids, turned by so many of the head's offsets.
func pickPositions[T ~float32 | ~float64](weights []T, h, heads int, turns float64) {
	d, pairs := h/heads, h/2
	for a := range heads {
		offset := float64(a/2+1) * float64(1-2*(a%2)) // 1, −1, 2, −2, …
		for r := range d / 2 {
			k := (r*heads + a) % pairs
			sin, cos := math.Sincos(turns * offset * frequency(k, pairs))
			s, c := T(sin), T(cos)
			row := weights[(a*d+2*r)*h+2*k:]
			row[0] += c
			row[1] += s
			row[h] -= s
			row[h+1] += c
		}
	}
}

// frequency is that of pair k of so many, in radians per position.
func frequency(k, pairs int) float64 {
	const shortest, longest = 3.0, 128.0 // positions
	return 2 * math.Pi / (shortest * math.Pow(longest/shortest, float64(k)/float64(max(pairs-1, 1))))
}
