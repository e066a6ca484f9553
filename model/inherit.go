package model

import "github.com/powerbert/powerbert/internal/kernel"

// Inherit copies to a model what it shares with another of the same widths, which
// may have another number of encoders: its encoder j begins as the other's encoder
// from(j), and all else as the other's.
func Inherit[T kernel.Float](to, other *Params[T], from func(j int) int) {
	for name, begins := range to.net.Inherits(other.net, from) {
		copy(to.Slice(name), other.Slice(begins))
	}
}
