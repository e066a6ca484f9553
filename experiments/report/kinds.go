package report

import (
	"math"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/problem"
)

// A kind is how a bag of n-grams learns a kind of problem, and how a reader is told.
type kind struct {
	verb     string                                   // what is done with an example
	method   string                                   // of the bag
	gradient func(outputs []float64, e *data.Encoded) // of the loss, in place of the outputs
}

// ofKind has an entry for each kind of problem.
var ofKind = map[problem.Kind]kind{
	problem.Classification: {"classifies", "logistic regression", crossEntropy},
	problem.MultipleChoice: {"classifies", "logistic regression", crossEntropy},
	problem.MultiLabel:     {"labels", "logistic regression", binaryCrossEntropy},
	problem.Regression:     {"scores", "least squares", squaredError},
}

// crossEntropy turns logits into the gradients of the loss of a label.
func crossEntropy(logits []float64, e *data.Encoded) {
	copy(logits, problem.Softmax(logits))
	logits[e.Label]--
}

// binaryCrossEntropy turns logits into the gradients of the loss of each label.
func binaryCrossEntropy(logits []float64, e *data.Encoded) {
	for k, y := range e.Targets {
		logits[k] = 1/(1+math.Exp(-logits[k])) - y
	}
}

// squaredError turns scores into the gradients of their loss.
func squaredError(scores []float64, e *data.Encoded) {
	for k, y := range e.Targets {
		scores[k] = 2 * (scores[k] - y)
	}
}
