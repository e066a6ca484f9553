package model

import (
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/internal/kernel"
)

const encoderPrefix = "bert.encoder.layer."

// Stack makes the parameters of c, a deeper model of the same widths, of those of
// one with fewer encoders: encoder j is its encoder j mod L, L being their number,
// and all else is its own (Gong et al. 2019, progressive stacking).
func Stack[T kernel.Float](p *Params[T], c Config) *Params[T] {
	deep, encoders := NewParams[T](c), p.encoders()
	for _, t := range deep.tensors {
		copy(deep.Slice(t.Name), p.Slice(StackedFrom(t.Name, encoders)))
	}
	return deep
}

// StackedFrom names the tensor of a model with so many encoders that a tensor of
// its Stack comes from.
func StackedFrom(name string, encoders int) string {
	var j int
	if n, _ := fmt.Sscanf(name, encoderPrefix+"%d.", &j); n == 0 {
		return name
	}
	_, rest, _ := strings.Cut(name[len(encoderPrefix):], ".")
	return fmt.Sprintf("%s%d.%s", encoderPrefix, j%encoders, rest)
}

// encoders is how many there are.
func (p *Params[T]) encoders() int {
	n := 0
	for p.Slice(fmt.Sprintf("%s%d.output.dense.bias", encoderPrefix, n)) != nil {
		n++
	}
	return n
}
