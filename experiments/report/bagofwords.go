package experiments

import (
	"math"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/problem"
)

// How a bag learns.
const (
	bagEpochs = 10
	bagLR     = 0.1
)

// A bag sees which word-pieces an input has and knows nothing of their order. It is
// linear,
//
//	y_c(x) = b[c] + Σ_{w ∈ x} W[w, c]
//
// its outputs the logits of the labels, or one output that is the score, or the
// logit of an option among the others of its example. It learns by AdaGrad, one
// example at a time: logistic regression, or least squares. It is the baseline that
// a model which reads must beat.
type bag struct {
	outputs int
	weights []float64 // W (V, outputs), row-major; b is the last row
	squares []float64 // per weight: sum of squared gradients
	last    []float64 // outputs of the last run, sequence after sequence
}

func newBag(pieces, outputs int) *bag {
	size := (pieces + 1) * outputs
	return &bag{outputs: outputs, weights: make([]float64, size), squares: make([]float64, size)}
}

// bagOfWords trains a bag on examples of so many word-pieces and labels, and
// predicts the labels of the dev set. Like the stages it keeps the epoch that is
// best on the dev set, lest the baseline be made weak. It repeats bit for bit.
func bagOfWords(train, dev []data.Encoded, pieces, classes int) []int {
	if train[0].Choices != nil {
		classes = 1 // an output for each option
	}
	b := newBag(pieces, classes)
	var best []int
	gold := labels(dev)
	b.fit(train, dev, func(e *data.Encoded) { b.towardsLabel(e.Label) }, func(said [][]float64) {
		pred := make([]int, len(said))
		for i, y := range said {
			pred[i] = slices.Index(y, slices.Max(y))
		}
		if best == nil || metric.Accuracy(pred, gold) > metric.Accuracy(best, gold) {
			best = pred
		}
	})
	return best
}

// bagOfWordsScores is bagOfWords for scores, by the least squared error on the dev
// set.
func bagOfWordsScores(train, dev []data.Encoded, pieces int) []float64 {
	b := newBag(pieces, 1)
	var best []float64
	least := math.Inf(1)
	b.fit(train, dev, func(e *data.Encoded) { b.last[0] = 2 * (b.last[0] - e.Score) }, func(said [][]float64) {
		pred, sum := make([]float64, len(said)), 0.0
		for i, y := range said {
			pred[i] = y[0]
			sum += (y[0] - dev[i].Score) * (y[0] - dev[i].Score)
		}
		if sum < least {
			best, least = pred, sum
		}
	})
	return best
}

// fit trains the bag and hands over what it says of dev before and after every
// epoch. derive turns the outputs of an example into their gradients.
func (b *bag) fit(train, dev []data.Encoded, derive func(e *data.Encoded), hand func(said [][]float64)) {
	trainBags, devBags := b.bags(train), b.bags(dev)
	for epoch := range bagEpochs + 1 {
		said := make([][]float64, len(dev))
		for i, words := range devBags {
			said[i] = slices.Clone(b.run(words))
		}
		hand(said)
		if epoch == bagEpochs {
			return
		}
		for _, i := range data.Order(len(train), 1, epoch) {
			b.run(trainBags[i])
			derive(&train[i])
			b.step(trainBags[i])
		}
	}
}

// bags are, for each sequence of each example, the distinct pieces, with the row of
// the bias.
func (b *bag) bags(examples []data.Encoded) [][][]int32 {
	bias := int32(len(b.weights)/b.outputs - 1)
	list := make([][][]int32, len(examples))
	for i := range examples {
		for s := range examples[i].Sequences() {
			ids := append(slices.Clone(s.IDs), bias)
			slices.Sort(ids)
			list[i] = append(list[i], slices.Compact(ids))
		}
	}
	return list
}

// run computes the outputs of an example.
func (b *bag) run(bags [][]int32) []float64 {
	b.last = b.last[:0]
	for _, words := range bags {
		for c := range b.outputs {
			sum := 0.0
			for _, w := range words {
				sum += b.weights[int(w)*b.outputs+c]
			}
			b.last = append(b.last, sum)
		}
	}
	return b.last
}

// towardsLabel turns outputs into the gradients of the cross-entropy.
func (b *bag) towardsLabel(label int) {
	copy(b.last, problem.Softmax(b.last))
	b.last[label]--
}

// step makes one step of AdaGrad by the gradients of the outputs.
func (b *bag) step(bags [][]int32) {
	for k, words := range bags {
		for c := range b.outputs {
			for _, w := range words {
				b.move(int(w)*b.outputs+c, b.last[k*b.outputs+c])
			}
		}
	}
}

// move takes one weight along its gradient g.
func (b *bag) move(at int, g float64) {
	if b.squares[at] += g * g; g != 0 {
		b.weights[at] -= bagLR * g / math.Sqrt(b.squares[at])
	}
}
