package ops

import (
	"github.com/powerbert/powerbert/internal/kernel"
)

// Masked is the rows of x that the batch's Masked lists: those whose tokens are
// to be guessed.
//
// Shapes: x (n, H); y (masked, H).
func Masked[T kernel.Float](b *Batch, x *Node) (*Node, error) {
	return Apply("masked", rowsOf[T]{layout: &b.Layout, index: func() []int32 { return b.Masked }}, x.Shape(), x)
}
