package problem

import (
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/internal/kernel"
)

// A Prediction is what a model says of one example. Of a regression it has Scores alone,
// of which Score is the first and Label its name.
type Prediction struct {
	Label         string    `json:"label"`            // the likeliest
	Labels        []string  `json:"labels,omitempty"` // of MultiLabel: those whose probabilities reach their thresholds
	Class         int       `json:"class"`
	Score         float64   `json:"score,omitempty"`
	Scores        []float64 `json:"scores,omitempty"`        // where there are several
	Probabilities []float64 `json:"probabilities,omitempty"` // by class
	Names         []string  `json:"-"`                       // of the classes, or scores
	Logits        []float32 `json:"-"`                       // by class: what the probabilities are the softmax, or sigmoids, of; at the model's temperature

	several bool // each label is by itself
}

// String returns the label, the labels where each is by itself, or the score of a
// regression, or its scores.
func (p Prediction) String() string {
	switch {
	case p.several:
		return strings.Join(p.Labels, ", ")
	case p.Probabilities != nil:
		return p.Label
	}
	scores := make([]string, len(p.numbers()))
	for i, score := range p.numbers() {
		scores[i] = fmt.Sprintf("%.2f", score)
	}
	return strings.Join(scores, ", ")
}

// Probability returns that of the label; 0 of a score.
func (p Prediction) Probability() float64 {
	if p.Probabilities == nil {
		return 0
	}
	return p.Probabilities[p.Class]
}

// numbers are the probabilities, or the scores of a regression.
func (p Prediction) numbers() []float64 {
	switch {
	case p.Probabilities != nil:
		return p.Probabilities
	case p.Scores != nil:
		return p.Scores
	}
	return []float64{p.Score}
}

// Decide reads the logits of one example of a kind, whose outputs have these labels, and
// where each is by itself these thresholds; nil: 1/2. Labels of options may be none, for
// each question may have options of its own.
func (k Kind) Decide(labels []string, thresholds []float64, logits []float32) Prediction {
	for i := len(labels); i < len(logits); i++ {
		labels = append(labels, fmt.Sprint("LABEL_", i))
	}
	p := Prediction{Names: labels, Logits: logits}
	switch k {
	case Regression:
		p.Label, p.Score = labels[0], float64(logits[0])
		for i := 0; i < len(logits) && len(logits) > 1; i++ {
			p.Scores = append(p.Scores, float64(logits[i]))
		}
		return p
	case MultiLabel:
		for _, v := range logits {
			p.Probabilities = append(p.Probabilities, kernel.Sigmoid(float64(v)))
		}
		for class, yes := range said(logits, thresholds) {
			if yes {
				p.Labels = append(p.Labels, labels[class])
			}
		}
		p.several = true
	default:
		p.Probabilities = Softmax(logits)
	}
	p.Class = kernel.Largest(p.Probabilities)
	p.Label = labels[p.Class]
	return p
}
