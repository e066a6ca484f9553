package model

import "fmt"

// Retain changes, from the next run on, how many word-vectors the encoders keep, which it
// was built to eliminate: the graph is one for all counts. keep is l_j per encoder, of the
// length that the network was built with.
func (n *Net[T]) Retain(keep []int) error {
	if n.use.Keep == nil || len(keep) != len(n.Encoders) {
		return fmt.Errorf("model: a network of %d encoders that keeps %v cannot keep %v", len(n.Encoders), n.use.Keep, keep)
	}
	n.use.Keep = keep
	for j := range n.Encoders {
		n.Encoders[j].Selection.Scoring.Keep = keep[j]
	}
	return nil
}
