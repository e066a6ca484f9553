package pipeline

import (
	"context"
	"fmt"
	"math"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
)

// evalBatch is how many sequences pass the network together in evaluation.
const evalBatch = 64

// outputs are the logits of a set, in its order.
type outputs struct {
	logits [][]float32
	gold   []int
}

// evaluate runs the networks, one per worker, over a set.
func evaluate(ctx context.Context, nets replicas, set []data.Encoded, padTo int) (outputs, error) {
	out := outputs{logits: make([][]float32, len(set)), gold: make([]int, len(set))}
	err := each(len(nets), func(w int) error {
		for from := w * evalBatch; from < len(set); from += len(nets) * evalBatch {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := out.run(nets[w], set, from, min(from+evalBatch, len(set)), padTo); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// guess is the mean cross-entropy of a set's guessed tokens, masked as its places
// in the set decide, so that every measurement asks for the same.
func guess(ctx context.Context, nets replicas, set []data.Encoded, masking *data.Masking) (float64, error) {
	sums, counts := make([]float64, (len(set)+evalBatch-1)/evalBatch), make([]int, len(nets))
	err := each(len(nets), func(w int) error {
		b := nets[w].Batch
		for i := w; i < len(sums); i += len(nets) {
			if err := ctx.Err(); err != nil {
				return err
			}
			part := between(i*evalBatch, min((i+1)*evalBatch, len(set)))
			fill(b, set, part, 0)
			mask(b, masking, part, 0)
			b.Weight = 1
			if err := nets[w].Forward(); err != nil {
				return err
			}
			sums[i], counts[w] = nets[w].TaskLoss(), counts[w]+len(b.Labels)
		}
		return nil
	})
	sum, count := 0.0, 0
	for _, s := range sums {
		sum += s
	}
	for _, n := range counts {
		count += n
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
	classes := n.Logits.Shape()[1]
	for i, values := from, model.Values[float32](n.Logits); i < to; i++ {
		o.logits[i] = append([]float32(nil), values[(i-from)*classes:(i-from+1)*classes]...)
		o.gold[i] = set[i].Label
	}
	return nil
}

// predictions are the classes of largest logit.
func (o *outputs) predictions() []int {
	pred := make([]int, len(o.logits))
	for i, row := range o.logits {
		for c, v := range row {
			if v > row[pred[i]] {
				pred[i] = c
			}
		}
	}
	return pred
}

// loss is the mean cross-entropy.
func (o *outputs) loss() float64 {
	sum := 0.0
	for i, row := range o.logits {
		top := math.Inf(-1)
		for _, v := range row {
			top = math.Max(top, float64(v))
		}
		z := 0.0
		for _, v := range row {
			z += math.Exp(float64(v) - top)
		}
		sum += top + math.Log(z) - float64(row[o.gold[i]])
	}
	return sum / float64(len(o.logits))
}

// score is the named metric of predictions.
func score(name string, pred, gold []int, classes int) (float64, error) {
	switch name {
	case "accuracy":
		return metric.Accuracy(pred, gold), nil
	case "f1":
		return metric.F1(pred, gold), nil
	case "macro_f1":
		return metric.MacroF1(pred, gold, classes), nil
	case "matthews":
		return metric.Matthews(pred, gold), nil
	}
	return 0, fmt.Errorf("data.metric is %q, want accuracy, f1, macro_f1 or matthews", name)
}
