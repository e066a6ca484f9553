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
	mostGrams = 3       // word-pieces in a row
	hashed    = 1 << 21 // weights of the n-grams of two and more, about
)

// A Bag sees which word-pieces an input has, and which n of them in a row, up to a
// number, and knows nothing else of their order. It is linear,
//
//	y_c(x) = b[c] + Σ_{g ∈ x} W[g, c]
//
// its outputs the logits of the labels, or one output that is the score, or the
// logit of an option among the others of its example. n-grams of two pieces and more
// share rows by their hash (fastText's features: Joulin et al. 2016). It learns by
// AdaGrad, one example at a time: logistic regression, or least squares. It is the
// baseline that a model which reads must beat.
type Bag struct {
	Grams   int              // word-pieces in a row, at most
	HeldOut float64          // the metric on the examples that chose
	Dev     *problem.Outputs // what it says of dev

	outputs int
	pieces  int
	buckets int       // rows that the longer n-grams share
	weights []float64 // W (V + buckets, outputs), row-major; b is the last row
	squares []float64 // per weight: sum of squared gradients
	last    []float64 // outputs of the last run, sequence after sequence
}

// A Subject is what examples are about, and what they are scored by.
type Subject struct {
	Kind   problem.Kind
	Labels []string
	Metric string
}

// NGrams trains bags of up to three pieces in a row and returns the one that is best on
// the examples choose, after its best epoch: like the stages, lest the baseline be made
// weak. pieces is the size of the vocabulary, outputs how many there are per sequence. It
// repeats bit for bit.
func NGrams(of Subject, pieces, outputs int, train, choose, dev []data.Encoded) (best *Bag, err error) {
	for grams := 1; grams <= mostGrams; grams++ {
		b := newBag(pieces, outputs, grams)
		if err := b.learn(of, train, choose, dev); err != nil {
			return nil, err
		}
		if best == nil || b.HeldOut > best.HeldOut {
			best = b
		}
	}
	return best, nil
}

func newBag(pieces, outputs, grams int) *Bag {
	b := &Bag{Grams: grams, outputs: outputs, pieces: pieces}
	if grams > 1 {
		b.buckets = hashed / outputs
	}
	size := (pieces + b.buckets + 1) * outputs
	b.weights, b.squares = make([]float64, size), make([]float64, size)
	return b
}

// learn trains the bag and keeps what it says after the epoch that is best by choose.
func (b *Bag) learn(of Subject, train, choose, dev []data.Encoded) error {
	trainBags, chooseBags, devBags := b.bags(train), b.bags(choose), b.bags(dev)
	for epoch := range bagEpochs + 1 {
		by := b.say(of, choose, chooseBags)
		by.Tune()
		chosen, _, err := by.Score(of.Metric)
		if err != nil {
			return err
		}
		if epoch == 0 || chosen > b.HeldOut {
			b.HeldOut, b.Dev = chosen, b.say(of, dev, devBags)
			b.Dev.Thresholds = by.Thresholds
		}
		if epoch == bagEpochs {
			break
		}
		for _, i := range data.Order(len(train), 1, epoch) {
			b.run(trainBags[i])
			ofKind[of.Kind].gradient(b.last, &train[i])
			b.step(trainBags[i])
		}
	}
	return nil
}

// say returns what the bag puts out for examples, beside the truth.
func (b *Bag) say(of Subject, examples []data.Encoded, bags [][][]int32) *problem.Outputs {
	said := data.Truth(of.Kind, of.Labels, examples)
	for i := range examples {
		said.Logits = append(said.Logits, b.logits(bags[i]))
	}
	return said
}

// bags lists the rows of the distinct n-grams of each sequence of each example, of windows
// those of all, and the row of the bias.
func (b *Bag) bags(examples []data.Encoded) [][][]int32 {
	list := make([][][]int32, len(examples))
	for i := range examples {
		for s := range examples[i].Sequences() {
			list[i] = append(list[i], b.rows(s.IDs))
		}
		if examples[i].Windows != nil {
			list[i] = [][]int32{slices.Concat(list[i]...)}
		}
		for k, rows := range list[i] {
			slices.Sort(rows)
			list[i][k] = slices.Compact(rows)
		}
	}
	return list
}

// rows are those of the n-grams of a sequence, and of the bias.
func (b *Bag) rows(ids []int32) []int32 {
	rows := append(slices.Clone(ids), int32(b.pieces+b.buckets))
	for n := 2; n <= b.Grams; n++ {
		for at := range max(len(ids)-n+1, 0) {
			hash := uint64(n)
			for _, id := range ids[at : at+n] { // FNV-1a, by the piece
				hash = (hash ^ uint64(id)) * 1099511628211
			}
			rows = append(rows, int32(b.pieces+int(hash%uint64(b.buckets))))
		}
	}
	return rows
}

// run computes the outputs of an example.
func (b *Bag) run(bags [][]int32) []float64 {
	b.last = b.last[:0]
	for _, rows := range bags {
		for c := range b.outputs {
			sum := 0.0
			for _, g := range rows {
				sum += b.weights[int(g)*b.outputs+c]
			}
			b.last = append(b.last, sum)
		}
	}
	return b.last
}

// step makes one step of AdaGrad by the gradients of the outputs.
func (b *Bag) step(bags [][]int32) {
	for k, rows := range bags {
		for c := range b.outputs {
			for _, g := range rows {
				b.move(int(g)*b.outputs+c, b.last[k*b.outputs+c])
			}
		}
	}
}

// move takes one weight along its gradient g.
func (b *Bag) move(at int, g float64) {
	if b.squares[at] += g * g; g != 0 {
		b.weights[at] -= bagLR * g / math.Sqrt(b.squares[at])
	}
}

// Logits are what the bag puts out for an example. It is not to be called at once by several.
func (b *Bag) Logits(e data.Encoded) []float32 {
	return b.logits(b.bags([]data.Encoded{e})[0])
}

func (b *Bag) logits(bags [][]int32) (logits []float32) {
	for _, y := range b.run(bags) {
		logits = append(logits, float32(y))
	}
	return logits
}

// Bytes is the size of the bag's weights.
func (b *Bag) Bytes() int64 { return int64(8 * len(b.weights)) }
