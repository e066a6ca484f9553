package data

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"

	"gonum.org/v1/gonum/optimize"
)

// The demo task is made so that counting words does not solve it.
func TestCountingWordsDoesNotSolveTheDemoTask(t *testing.T) {
	for seed := range uint64(2) {
		train, dev := DemoTask(DemoSize{Seed: seed})
		accuracy := bagOfWords(train.Examples, dev.Examples, 2)
		t.Logf("seed %d: a bag of words finds %.1f %% of the labels", seed, 100*accuracy)
		if accuracy < 0.62 || accuracy > 0.75 {
			t.Errorf("seed %d: a bag of words finds %.1f %% of the labels, want 62 to 75", seed, 100*accuracy)
		}
	}
}

// The baseline itself is sound: it solves what counting words can solve.
func TestBagOfWordsSolvesWhatItCan(t *testing.T) {
	var examples []Example
	for i := range 60 {
		text := fmt.Sprintf("word%d is %s here", i%7, []string{"red", "Green", "blue blue"}[i%3])
		examples = append(examples, Example{Text: text, Pair: "red green", Label: i % 3})
	}
	if got := bagOfWords(examples[:40], examples[40:], 3); got != 1 {
		t.Errorf("accuracy %.2f, want 1", got)
	}
}

// bagOfWords is the accuracy on dev of a classifier that counts words and knows
// nothing of their order: multinomial logistic regression on the counts,
//
//	min_{W,b}  Σ_i −log softmax(W·x_i + b)[y_i] + ½·‖W‖²,    x_i[v] = times word v occurs in example i
//
// fitted to train by L-BFGS. It is the baseline that a model which reads must
// beat. Words are lower-cased runs of letters and digits; the second text of a
// pair has words of its own. The same examples give the same accuracy.
func bagOfWords(train, dev []Example, classes int) float64 {
	if len(train) == 0 || len(dev) == 0 {
		return 0
	}
	bag := newBag(train, classes)
	weights := bag.fit()
	right := 0
	logits := make([]float64, classes)
	for _, e := range dev {
		bag.logits(logits, weights, bag.count(e))
		if argmax(logits) == e.Label {
			right++
		}
	}
	return float64(right) / float64(len(dev))
}

// A bag is counted training examples. Weights are classes × (words + 1), the
// last column the bias.
type bag struct {
	classes  int
	words    map[string]int
	examples []counted
}

// counted are the words of an example, each with its number, and the label.
type counted struct {
	words  []int
	counts []float64
	label  int
}

func newBag(train []Example, classes int) *bag {
	b := &bag{classes: classes, words: map[string]int{}}
	for _, e := range train {
		for _, word := range wordsOf(e) {
			if _, known := b.words[word]; !known {
				b.words[word] = len(b.words)
			}
		}
	}
	for _, e := range train {
		b.examples = append(b.examples, b.count(e))
	}
	return b
}

// count counts the known words of an example, in the order of their numbers.
func (b *bag) count(e Example) counted {
	var numbers []int
	for _, word := range wordsOf(e) {
		if number, known := b.words[word]; known {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	c := counted{label: e.Label}
	for i, number := range numbers {
		if i == 0 || number != numbers[i-1] {
			c.words, c.counts = append(c.words, number), append(c.counts, 0)
		}
		c.counts[len(c.counts)-1]++
	}
	return c
}

// wordsOf are the words of an example; those of a second text are marked.
func wordsOf(e Example) []string {
	words := wordRuns(e.Text)
	for _, word := range wordRuns(e.Pair) {
		words = append(words, "2:"+word)
	}
	return words
}

func wordRuns(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// fit is the weights that minimise the loss. Where the line search ends early
// the best weights so far are as good as any.
func (b *bag) fit() []float64 {
	problem := optimize.Problem{
		Func: func(w []float64) float64 { return b.loss(w, nil) },
		Grad: func(grad, w []float64) { b.loss(w, grad) },
	}
	start := make([]float64, b.classes*(len(b.words)+1))
	settings := &optimize.Settings{MajorIterations: 100, GradientThreshold: 1e-3}
	result, _ := optimize.Minimize(problem, start, settings, &optimize.LBFGS{})
	if result == nil {
		return start
	}
	return result.X
}

// loss is the penalised loss of all examples; grad, if not nil, its gradient.
func (b *bag) loss(w, grad []float64) float64 {
	width, total := len(b.words)+1, 0.0
	for i, v := range w {
		penalty := v
		if i%width == width-1 {
			penalty = 0 // the bias is free
		}
		total += penalty * penalty / 2
		if grad != nil {
			grad[i] = penalty
		}
	}
	logits := make([]float64, b.classes)
	for _, e := range b.examples {
		b.logits(logits, w, e)
		total += softmaxLoss(logits, e.label)
		if grad != nil {
			b.scatter(grad, logits, e)
		}
	}
	return total
}

// logits is W·x + b of an example.
func (b *bag) logits(logits, w []float64, e counted) {
	width := len(b.words) + 1
	for k := range logits {
		row := w[k*width : (k+1)*width]
		logits[k] = row[width-1]
		for i, word := range e.words {
			logits[k] += row[word] * e.counts[i]
		}
	}
}

// scatter adds the gradient of an example's loss, given that of its logits.
func (b *bag) scatter(grad, dlogits []float64, e counted) {
	width := len(b.words) + 1
	for k, d := range dlogits {
		row := grad[k*width : (k+1)*width]
		row[width-1] += d
		for i, word := range e.words {
			row[word] += d * e.counts[i]
		}
	}
}

// softmaxLoss is −log softmax(logits)[label]; logits become its gradient.
func softmaxLoss(logits []float64, label int) float64 {
	top, sum := slices.Max(logits), 0.0
	correct := logits[label] - top
	for k := range logits {
		logits[k] = math.Exp(logits[k] - top)
		sum += logits[k]
	}
	for k := range logits {
		logits[k] /= sum
	}
	logits[label]--
	return math.Log(sum) - correct
}

func argmax(values []float64) int {
	best := 0
	for k, v := range values {
		if v > values[best] {
			best = k
		}
	}
	return best
}
