package infer

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// batchSize is how many sequences pass the network together.
const batchSize = 32

// fits reports an example that has not the sequences that the model wants.
func (m *Model) fits(examples []data.Encoded) error {
	options, choice := m.Config.Options(), m.Chooses()
	for i := range examples {
		switch n := len(examples[i].Choices); {
		case choice && n != options:
			return fmt.Errorf("infer: the model chooses among %d options, but example %d has %d", options, i+1, n)
		case !choice && n > 0:
			return fmt.Errorf("infer: example %d has %d options, but the model reads one sequence", i+1, n)
		}
	}
	return nil
}

// Pass is what a run over examples came to.
type Pass struct {
	Predictions []Prediction // in the order of the examples
	// Kept is, per encoder, how many word-vectors left it, padding included: the
	// mean over the sequences, counted as they passed.
	Kept []float64
}

// Run predicts the classes of examples, each padded to padTo rows (0: none is
// padded), with so many workers at once, each on a core. The result does not
// depend on their number.
func (m *Model) Run(ctx context.Context, examples []data.Encoded, padTo, workers int) (*Pass, error) {
	if err := m.fits(examples); err != nil {
		return nil, err
	}
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
			p.Kept[j] += float64(n) / float64(max(len(examples)*m.Config.Options(), 1))
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
	batch := max(batchSize/m.Config.Options(), 1)
	for from := w * batch; from < len(examples); from += workers * batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := m.forward(n, examples[from:min(from+batch, len(examples))], padTo); err != nil {
			return nil, err
		}
		said, err := m.predict(model.Values[float32](n.Logits))
		if err != nil {
			return nil, err
		}
		copy(out[from:], said)
		for j, e := range n.Encoders {
			kept[j] += e.Selection.Out().Rows()
		}
	}
	return kept, nil
}

// Cost is the mean multiply-adds of the encoders per example, as executed, with
// examples padded to padTo rows (0: none is padded).
func (m *Model) Cost(examples []data.Encoded, padTo int) float64 {
	lengths, e := data.Lengths(examples), m.Config.Elimination()
	perExample := float64(len(lengths)) / float64(len(examples))
	return perExample * m.Config.Net().MeanCost(arch.Executed, &e, lengths, m.rows(padTo))
}
