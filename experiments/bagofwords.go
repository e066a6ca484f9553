package experiments

import (
	"math"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
)

// How a bag learns.
const (
	bagEpochs = 10
	bagLR     = 0.1
)

// A bag is a classifier that sees which word-pieces an input has and knows
// nothing of their order: logistic regression,
//
//	p(c | x) = softmax_c(b[c] + Σ_{w ∈ x} W[w, c])
//
// by AdaGrad, one example at a time. It is the baseline that a model which reads
// must beat.
type bag struct {
	classes int
	weights []float64 // W (V, classes), row-major; b is the last row
	squares []float64 // per weight: sum of squared gradients
	logits  []float64 // of the last run
}

// BagOfWords trains a bag on examples of so many word-pieces and classes, and
// predicts the dev set. Like the stages it keeps the epoch that is best on the
// dev set, lest the baseline be made weak. It repeats bit for bit.
func BagOfWords(train, dev []data.Encoded, pieces, classes int) []int {
	size := (pieces + 1) * classes
	b := &bag{classes: classes, weights: make([]float64, size), squares: make([]float64, size), logits: make([]float64, classes)}
	trainBags, devBags := bags(train, pieces), bags(dev, pieces)
	gold := labels(dev)
	best := b.predict(devBags)
	for epoch := range bagEpochs {
		for _, i := range data.Order(len(train), 1, epoch) {
			b.learn(trainBags[i], train[i].Label)
		}
		if pred := b.predict(devBags); metric.Accuracy(pred, gold) > metric.Accuracy(best, gold) {
			best = pred
		}
	}
	return best
}

// bags are the distinct pieces of each example, with the row of the bias.
func bags(examples []data.Encoded, bias int) [][]int32 {
	list := make([][]int32, len(examples))
	for i, e := range examples {
		ids := append(slices.Clone(e.IDs), int32(bias))
		slices.Sort(ids)
		list[i] = slices.Compact(ids)
	}
	return list
}

func (b *bag) predict(bags [][]int32) []int {
	pred := make([]int, len(bags))
	for i, words := range bags {
		b.run(words)
		pred[i] = slices.Index(b.logits, slices.Max(b.logits))
	}
	return pred
}

func (b *bag) run(words []int32) {
	clear(b.logits)
	for _, w := range words {
		for c := range b.logits {
			b.logits[c] += b.weights[int(w)*b.classes+c]
		}
	}
}

// learn makes one step of AdaGrad.
func (b *bag) learn(words []int32, label int) {
	b.run(words)
	top, sum := slices.Max(b.logits), 0.0
	for c, v := range b.logits {
		b.logits[c] = math.Exp(v - top)
		sum += b.logits[c]
	}
	for c := range b.logits {
		g := b.logits[c] / sum
		if c == label {
			g--
		}
		for _, w := range words {
			b.move(int(w)*b.classes+c, g)
		}
	}
}

// move takes one weight along its gradient g.
func (b *bag) move(at int, g float64) {
	if b.squares[at] += g * g; g != 0 {
		b.weights[at] -= bagLR * g / math.Sqrt(b.squares[at])
	}
}
