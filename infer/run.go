package infer

import (
	"context"
	"errors"
	"sync"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
)

// batchSize is how many texts pass the network together.
const batchSize = 32

// Pass is what a run over examples came to.
type Pass struct {
	Predictions []Prediction // in the order of the examples
	// Kept is, per encoder, how many word-vectors left it, padding included: the
	// mean over the examples, counted as they passed.
	Kept []float64
}

// Run predicts the classes of examples, each padded to padTo rows (0: none is
// padded), with so many workers at once, each on a core. The result does not
// depend on their number.
func (m *Model) Run(ctx context.Context, examples []data.Encoded, padTo, workers int) (*Pass, error) {
	p := &Pass{Predictions: make([]Prediction, len(examples)), Kept: make([]float64, m.Config.NumHiddenLayers)}
	errs, kept := make([]error, workers), make([][]int, workers)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() { kept[w], errs[w] = m.share(ctx, examples, padTo, w, workers, p.Predictions) })
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, rows := range kept {
		for j, n := range rows {
			p.Kept[j] += float64(n) / float64(max(len(examples), 1))
		}
	}
	return p, nil
}

// share runs every workers-th batch, from the w-th on, and counts the rows that
// leave each encoder.
func (m *Model) share(ctx context.Context, examples []data.Encoded, padTo, w, workers int, out []Prediction) ([]int, error) {
	n, err := m.net()
	if err != nil {
		return nil, err
	}
	defer m.nets.Put(n)
	kept := make([]int, len(n.Encoders))
	for from := w * batchSize; from < len(examples); from += workers * batchSize {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := m.forward(n, examples[from:min(from+batchSize, len(examples))], padTo); err != nil {
			return nil, err
		}
		copy(out[from:], m.predict(model.Values[float32](n.Logits)))
		for j, e := range n.Encoders {
			kept[j] += e.Selection.Out().Rows()
		}
	}
	return kept, nil
}

// Cost is the mean multiply-adds of the encoders per example, as executed, with
// examples padded to padTo rows (0: none is padded).
func (m *Model) Cost(examples []data.Encoded, padTo int) float64 {
	lengths := make([]int, len(examples))
	for i, e := range examples {
		lengths[i] = len(e.IDs)
	}
	e := m.Config.Elimination()
	return m.Config.MeanCost(model.Executed, &e, lengths, m.rows(padTo))
}
