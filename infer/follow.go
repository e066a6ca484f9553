package infer

import (
	"context"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
)

// Followed is a run over examples whose word-vectors were followed.
type Followed struct {
	Pass
	// Survives holds, for each sequence in order, the encoders that each of its
	// word-vectors lives through, 0 to L.
	Survives [][]int
}

// Follow is Run of examples of which none is padded, and follows their word-vectors.
func (m *Model) Follow(ctx context.Context, examples []data.Encoded, workers int) (*Followed, error) {
	options := m.Config.Options()
	survives := make([][]int, len(data.Lengths(examples)))
	pass, err := m.run(ctx, examples, 0, workers, func(n *model.Net[float32], from int) {
		lived := follow(n)
		for s := range n.Batch.Sequences() {
			first, _, real := n.Batch.Bounds(s)
			survives[options*from+s] = lived[first : first+real]
		}
	})
	if err != nil {
		return nil, err
	}
	return &Followed{*pass, survives}, nil
}

// ChangedPicks returns, for each encoder before the last, which share of the
// word-vectors beside [CLS] that it keeps in one run it does not keep in another run over
// the same examples.
func (f *Followed) ChangedPicks(other *Followed) []float64 {
	encoders := len(f.Kept) - 1
	kept, lost := make([]float64, encoders), make([]float64, encoders)
	for s, lived := range f.Survives {
		for i := 1; i < len(lived); i++ {
			for j := range min(lived[i], encoders) {
				kept[j]++
				if other.Survives[s][i] <= j {
					lost[j]++
				}
			}
		}
	}
	for j := range lost {
		lost[j] /= max(kept[j], 1)
	}
	return lost
}
