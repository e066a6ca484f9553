package model

import (
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Inherit copies to a model what it shares with another of the same widths, which
// may have another number of encoders: its encoder j begins as the other's encoder
// from(j), and all else as the other's.
func Inherit[T kernel.Float](to, other *Params[T], from func(j int) int) {
	for _, t := range to.tensors {
		copy(to.Slice(t.Name), other.Slice(InheritedFrom(t.Name, from)))
	}
}

// InheritedFrom names the tensor that a tensor begins as in Inherit.
func InheritedFrom(name string, from func(j int) int) string {
	const encoder = "bert.encoder.layer."
	var j int
	if n, _ := fmt.Sscanf(name, encoder+"%d.", &j); n == 0 {
		return name
	}
	_, rest, _ := strings.Cut(name[len(encoder):], ".")
	return fmt.Sprintf("%s%d.%s", encoder, from(j), rest)
}
