package infer

import (
	"context"
	"fmt"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
)

// Without is the model run dense, but for one word-vector of each sequence that is
// removed at an encoder (1 to L−1), with the same weights: the k-th most significant
// beside [CLS] by one of retention.Scores, k from 1. A sequence that has no k-th keeps all.
func (m *Model) Without(encoder, k int, score string) (*Model, error) {
	if most := m.Config.NumHiddenLayers - 1; encoder < 1 || encoder > most || k < 1 {
		return nil, fmt.Errorf("infer: word-vector %d at encoder %d to be removed, want 1 or more at 1 to %d", k, encoder, most)
	}
	d := m.Dense()
	d.drop = model.Drop{Encoder: encoder, Rank: k, Score: score}
	return d, nil
}

// WordVectors runs examples, none padded, and shows see what leaves every encoder
// (from 0) for every sequence: x (n, H), row-major, which is see's until it returns.
// The last encoder is computed in full, whatever the head reads.
func (m *Model) WordVectors(ctx context.Context, examples []data.Encoded, see func(encoder int, x []float32)) error {
	if err := m.fits(examples); err != nil {
		return err
	}
	n, err := model.NewNet(m.Config, m.weights, nil, model.Use{Elimination: m.Config.Elimination(), Full: true, Inspect: true})
	if err != nil {
		return err
	}
	examples, _ = data.Apart(examples)
	batch := m.batch(examples)
	for from := 0; from < len(examples); from += batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := m.forward(n, examples[from:min(from+batch, len(examples))], 0); err != nil {
			return err
		}
		for j, e := range n.Encoders {
			rows, out := model.Values[float32](e.Output), e.Selection.Out()
			for s := range out.Sequences() {
				first, _, real := out.Bounds(s)
				see(j, rows[first*m.Config.HiddenSize:(first+real)*m.Config.HiddenSize])
			}
		}
	}
	return nil
}
