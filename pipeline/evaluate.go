package pipeline

import (
	"context"
	"math"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
)

// evalBatch is how many sequences pass the network together in evaluation.
const evalBatch = 64

// evalExamples is how many examples that makes.
func evalExamples(c *model.Config) int { return max(evalBatch/c.Options(), 1) }

// outputs are what the networks say of a set, in its order.
type outputs struct {
	problem model.Problem
	logits  [][]float32 // per example; of a regression the score, of multiple choice a logit for each option
	gold    []int       // labels
	scores  []float64   // of a regression
}

// evaluate runs the networks, one per worker, over a set.
func evaluate(ctx context.Context, nets replicas, set []data.Encoded, padTo int) (outputs, error) {
	c := nets[0].Config()
	out := outputs{problem: c.Problem(), logits: make([][]float32, len(set)), gold: make([]int, len(set)), scores: make([]float64, len(set))}
	err := inBatches(ctx, nets, len(set), evalExamples(c), func(n *net, from, to int) error {
		return out.run(n, set, from, to, padTo)
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

// run computes the logits of set[from:to].
func (o *outputs) run(n *net, set []data.Encoded, from, to, padTo int) error {
	fill(n.Batch, set, between(from, to), padTo)
	if err := n.Forward(); err != nil {
		return err
	}
	values := model.Values[float32](n.Logits)
	width := len(values) / (to - from)
	for i := from; i < to; i++ {
		o.logits[i] = append([]float32(nil), values[(i-from)*width:(i-from+1)*width]...)
		o.gold[i], o.scores[i] = set[i].Label, set[i].Score
	}
	return nil
}

// predictions are the classes of largest logit.
func (o *outputs) predictions() []int {
	pred := make([]int, len(o.logits))
	for i, row := range o.logits {
		pred[i] = kernel.Largest(row)
	}
	return pred
}

// predicted are the scores that the networks give.
func (o *outputs) predicted() []float64 {
	scores := make([]float64, len(o.logits))
	for i, row := range o.logits {
		scores[i] = float64(row[0])
	}
	return scores
}

// loss is the mean cross-entropy, or the mean squared error of a regression.
func (o *outputs) loss() float64 {
	sum := 0.0
	for i, row := range o.logits {
		if o.problem == model.Regression {
			d := float64(row[0]) - o.scores[i]
			sum += d * d
		} else {
			sum += crossEntropy(row, o.gold[i])
		}
	}
	return sum / float64(len(o.logits))
}

// crossEntropy is −log softmax(logits)[label].
func crossEntropy(logits []float32, label int) float64 {
	top := math.Inf(-1)
	for _, v := range logits {
		top = math.Max(top, float64(v))
	}
	z := 0.0
	for _, v := range logits {
		z += math.Exp(float64(v) - top)
	}
	return top + math.Log(z) - float64(logits[label])
}
