package pipeline

import (
	"context"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
)

// evalBatch is how many sequences pass the network together in evaluation.
const evalBatch = 64

// evalExamples is how many examples that makes.
func evalExamples(c *arch.Config) int { return max(evalBatch/c.Options(), 1) }

// evaluate runs the networks, one per worker, over a set.
func evaluate(ctx context.Context, nets replicas, set []data.Encoded, padTo int) (problem.Outputs, error) {
	c := nets[0].Config()
	out := problem.Outputs{Kind: c.Problem(), Logits: make([][]float32, len(set)), Gold: make([]int, len(set)), Scores: make([]float64, len(set))}
	err := inBatches(ctx, nets, len(set), evalExamples(c), func(n *net, from, to int) error {
		return runInto(&out, n, set, from, to, padTo)
	})
	return out, err
}

// inBatches runs f over 0 … n−1 in pieces of so many, which the networks take turns
// with, all at once.
func inBatches(ctx context.Context, nets replicas, n, batch int, f func(n *net, from, to int) error) error {
	return each(len(nets), func(w int) error {
		for from := w * batch; from < n; from += len(nets) * batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := f(nets[w], from, min(from+batch, n)); err != nil {
				return err
			}
		}
		return nil
	})
}

// maskedLoss is the mean cross-entropy of a set's masked tokens. Which those are an
// example's place in the set decides, so that every measurement asks for the same.
func maskedLoss(ctx context.Context, nets replicas, set []data.Encoded, masking *data.Masking) (float64, error) {
	sums, counts := make([]float64, len(set)), make([]int, len(set)) // of a batch, at its first sequence
	err := inBatches(ctx, nets, len(set), evalBatch, func(n *net, from, to int) error {
		part := between(from, to)
		fill(n.Batch, set, part, 0)
		mask(n.Batch, masking, part, 0)
		n.Batch.Weight = 1
		if err := n.Forward(); err != nil {
			return err
		}
		sums[from], counts[from] = n.TaskLoss(), len(n.Batch.Labels)
		return nil
	})
	sum, count := 0.0, 0
	for i, n := range counts {
		sum, count = sum+sums[i], count+n
	}
	return sum / float64(count), err
}

// between is from, from+1, …, to−1.
func between(from, to int) []int {
	list := make([]int, to-from)
	for i := range list {
		list[i] = from + i
	}
	return list
}

// runInto computes the outputs of set[from:to].
func runInto(o *problem.Outputs, n *net, set []data.Encoded, from, to, padTo int) error {
	fill(n.Batch, set, between(from, to), padTo)
	if err := n.Forward(); err != nil {
		return err
	}
	values := model.Values[float32](n.Logits)
	width := len(values) / (to - from)
	for i := from; i < to; i++ {
		o.Logits[i] = append([]float32(nil), values[(i-from)*width:(i-from+1)*width]...)
		o.Gold[i], o.Scores[i] = set[i].Label, set[i].Score
	}
	return nil
}
