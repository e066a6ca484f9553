package model

import "github.com/powerbert/powerbert/internal/kernel"

// Inherit copies to a model what it shares with another of the same widths, which
// may have another number of encoders: its encoder j begins as the other's encoder
// from(j), and all else as the other's. What the other lacks begins as Init has it.
func Inherit[T kernel.Float](to, other *Params[T], from func(j int) int) {
	begins := to.net.Inherits(other.net, from)
	for _, t := range to.tensors {
		if name, ok := begins[t.Name]; ok {
			copy(to.Slice(t.Name), other.Slice(name))
		} else {
			to.initTensor(t, 0)
		}
	}
}
