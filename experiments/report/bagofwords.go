package report

import (
	"math"
	"slices"

	"github.com/powerbert/powerbert/data"
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

// learn trains the bag on examples of a subject and returns the named metric of the dev set
// after the epoch in which that of another set is best: like the stages, lest the baseline
// be made weak. It repeats bit for bit.
func (b *bag) learn(of subject, name string, train, choose, dev []data.Encoded) (value float64, err error) {
	trainBags, chooseBags, devBags, best := b.bags(train), b.bags(choose), b.bags(dev), 0.0
	for epoch := range bagEpochs + 1 {
		by := b.say(of, choose, chooseBags)
		by.Tune()
		chosen, _, err := by.Score(name)
		if err != nil {
			return 0, err
		}
		if epoch == 0 || chosen > best {
			best = chosen
			said := b.say(of, dev, devBags)
			said.Thresholds = by.Thresholds
			if value, _, err = said.Score(name); err != nil {
				return 0, err
			}
		}
		if epoch == bagEpochs {
			break
		}
		for _, i := range data.Order(len(train), 1, epoch) {
			b.run(trainBags[i])
			ofKind[of.kind].gradient(b.last, &train[i])
			b.step(trainBags[i])
		}
	}
	return value, nil
}

// A subject is what examples are about.
type subject struct {
	kind   problem.Kind
	labels []string
}

// say returns what the bag puts out for examples, beside the truth.
func (b *bag) say(of subject, examples []data.Encoded, bags [][][]int32) *problem.Outputs {
	said := &problem.Outputs{Kind: of.kind, Labels: of.labels}
	for i := range examples {
		var logits []float32
		for _, y := range b.run(bags[i]) {
			logits = append(logits, float32(y))
		}
		said.Logits = append(said.Logits, logits)
		said.Expect(examples[i].Label, examples[i].Targets)
	}
	return said
}

// bags lists the distinct pieces of each sequence of each example, of windows those of all,
// and the row of the bias.
func (b *bag) bags(examples []data.Encoded) [][][]int32 {
	bias := int32(len(b.weights)/b.outputs - 1)
	list := make([][][]int32, len(examples))
	for i := range examples {
		for s := range examples[i].Sequences() {
			list[i] = append(list[i], append(slices.Clone(s.IDs), bias))
		}
		if examples[i].Windows != nil {
			list[i] = [][]int32{slices.Concat(list[i]...)}
		}
		for k, ids := range list[i] {
			slices.Sort(ids)
			list[i][k] = slices.Compact(ids)
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
