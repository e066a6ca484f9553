package infer

import (
	"context"
	"fmt"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
)

// batchSize is how many sequences pass the network together.
const batchSize = 32

// fits reports an example that has not the sequences that the model wants.
func (m *Model) fits(examples []data.Encoded) error {
	options, choice := m.options(examples), m.Chooses()
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

// options is how many sequences make an example: of questions as many as the model's
// labels, or where it has none as many as the first brings.
func (m *Model) options(examples []data.Encoded) int {
	options := m.Config.Options()
	if options == 0 && len(examples) > 0 {
		options = len(examples[0].Choices)
	}
	return max(options, 1)
}

// Pass is what a run over examples came to.
type Pass struct {
	Predictions []Prediction // in the order of the examples
	// Outputs are the logits that the predictions were made of, divided by the model's
	// temperature, with the truth as the examples have it.
	Outputs problem.Outputs
	// Kept is, per encoder, how many word-vectors left it, padding included: the
	// mean over the sequences, counted as they passed.
	Kept []float64
}

// Run predicts the classes of examples, each padded to padTo rows (0: none is
// padded), with so many workers at once, each on a core. The result does not
// depend on their number.
func (m *Model) Run(ctx context.Context, examples []data.Encoded, padTo, workers int) (*Pass, error) {
	return m.run(ctx, examples, padTo, workers, func(*model.Net[float32], int) {})
}

// run is Run; see is called after each batch, by several goroutines, with the network and
// the number of the batch's first example.
func (m *Model) run(ctx context.Context, examples []data.Encoded, padTo, workers int, see func(n *model.Net[float32], from int)) (*Pass, error) {
	if err := m.fits(examples); err != nil {
		return nil, err
	}
	nets := make(predict.Replicas, workers)
	for w := range nets {
		var err error
		if nets[w], err = m.net(); err != nil {
			return nil, err
		}
		defer m.pool().Put(nets[w])
	}
	kept := make([][]int, workers) // by worker and encoder
	for w := range kept {
		kept[w] = make([]int, m.Config.NumHiddenLayers)
	}
	run := predict.Run{Nets: nets, PadTo: m.rows(padTo), Batch: m.batch(examples), Seen: func(w, from int) {
		see(nets[w], from)
		for j, e := range nets[w].Encoders {
			kept[w][j] += e.Selection.Out().Rows()
		}
	}}
	out, err := run.Outputs(ctx, examples)
	if err != nil {
		return nil, err
	}
	sequences := len(data.Lengths(examples))
	p := &Pass{Outputs: *out.At(m.Config.Temperature), Kept: make([]float64, m.Config.NumHiddenLayers)}
	for _, rows := range kept {
		for j, n := range rows {
			p.Kept[j] += float64(n) / float64(max(sequences, 1))
		}
	}
	p.Predictions, err = m.predict(p.Outputs.Logits)
	return p, err
}

// batch is how many examples pass the network together.
func (m *Model) batch(examples []data.Encoded) int {
	return max(batchSize/m.options(examples), 1)
}

// Cost is the mean multiply-adds of the encoders per example, as executed, with
// examples padded to padTo rows (0: none is padded).
func (m *Model) Cost(examples []data.Encoded, padTo int) float64 {
	lengths, e := data.Lengths(examples), m.Config.Elimination()
	perExample := float64(len(lengths)) / float64(len(examples))
	return perExample * m.Config.Net().MeanCost(&e, lengths, m.rows(padTo))
}
