package problem

import (
	"fmt"

	"github.com/powerbert/powerbert/internal/kernel"
)

// A Prediction is what a model says of one example. Of a regression it has the Score
// alone, which Label names.
type Prediction struct {
	Label         string    `json:"label"`
	Class         int       `json:"class"`
	Score         float64   `json:"score,omitempty"`
	Probabilities []float64 `json:"probabilities,omitempty"` // by class
	Logits        []float32 `json:"-"`                       // by class: what the probabilities are the softmax of
}

// String is the label, or the score of a regression.
func (p Prediction) String() string {
	if p.Probabilities == nil {
		return fmt.Sprintf("%.2f", p.Score)
	}
	return p.Label
}

// Probability is that of the label; 0 of a score.
func (p Prediction) Probability() float64 {
	if p.Probabilities == nil {
		return 0
	}
	return p.Probabilities[p.Class]
}

// Decide reads the logits of one example of a kind, whose outputs have these labels.
func (k Kind) Decide(labels []string, logits []float32) Prediction {
	if !k.Labelled() {
		return Prediction{Label: labels[0], Score: float64(logits[0]), Logits: logits}
	}
	p := Softmax(logits)
	class := kernel.Largest(p)
	return Prediction{Label: labels[class], Class: class, Probabilities: p, Logits: logits}
}
