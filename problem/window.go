package problem

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
)

// A Window says how a text with more tokens than a model reads becomes several windows,
// and what is said of them together.
type Window struct {
	MaxLength int    `json:"max_length"` // tokens of a window
	Stride    int    `json:"stride"`     // tokens that a window shares with the one before, as stride of Hugging Face's tokenizers
	Join      string `json:"join"`       // JoinMean or JoinMax
}

// The ways to join what is said of the windows of a text.
const (
	JoinMean = "mean" // the mean probability of each label, or score
	JoinMax  = "max"  // the largest probability of each label, or score
)

// Joins are the ways to join windows.
var Joins = []string{JoinMean, JoinMax}

// Joined is the logits of a text of a kind by those of its windows: the logits whose
// probabilities are the windows' mean, or largest. Where one label is to be said the
// largest are divided by their sum.
func (w *Window) Joined(k Kind, windows [][]float32) []float32 {
	joined := make([]float32, len(windows[0]))
	for c := range joined {
		switch {
		case !k.Labelled():
			joined[c] = float32(w.join(windows, func(row []float32) float64 { return float64(row[c]) }))
		case k.Several():
			has := w.join(windows, func(row []float32) float64 { return float64(row[c]) })
			if w.Join == JoinMean {
				has = w.overall(windows, func(row []float32) float64 { return -softplus(-float64(row[c])) }) -
					w.overall(windows, func(row []float32) float64 { return -softplus(float64(row[c])) })
			}
			joined[c] = float32(has)
		default:
			joined[c] = float32(w.overall(windows, func(row []float32) float64 { return float64(row[c]) - kernel.LogSumExp(row) }))
		}
	}
	return joined
}

// join is the mean or the largest of a number of each window.
func (w *Window) join(windows [][]float32, of func([]float32) float64) float64 {
	sum, most := 0.0, math.Inf(-1)
	for _, row := range windows {
		x := of(row)
		sum, most = sum+x, max(most, x)
	}
	if w.Join == JoinMax {
		return most
	}
	return sum / float64(len(windows))
}

// overall is the logarithm of the mean, or of the largest, of a probability of each window,
// of which of returns the logarithm.
func (w *Window) overall(windows [][]float32, of func([]float32) float64) float64 {
	logs := make([]float64, len(windows))
	for i, row := range windows {
		logs[i] = of(row)
	}
	if w.Join == JoinMax {
		return logs[kernel.Largest(logs)]
	}
	return kernel.LogSumExp(logs) - math.Log(float64(len(logs)))
}

// softplus is log(1 + exp(x)).
func softplus(x float64) float64 { return BinaryCrossEntropy(x, 0) }
