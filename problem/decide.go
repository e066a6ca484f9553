package problem

import "github.com/powerbert/powerbert/internal/kernel"

// A Prediction is what a model says of one example. Of a regression it has the Score
// alone, which Label names.
type Prediction struct {
	Label         string    `json:"label"`
	Class         int       `json:"class"`
	Score         float64   `json:"score,omitempty"`
	Probabilities []float64 `json:"probabilities,omitempty"` // by class
	Logits        []float32 `json:"-"`                       // by class: what the probabilities are the softmax of
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
