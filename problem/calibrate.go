package problem

import (
	"fmt"
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/metric"
)

// Sure tells whether the answer is one label, which a softmax gives a probability: a
// temperature can make that right.
func (k Kind) Sure() bool { return k.Labelled() && !k.Several() && !k.Guessed() }

// Tempered returns logits divided by a temperature, in memory of their own; the same ones
// for a temperature of 1, or 0, which is none.
func Tempered(logits [][]float32, temperature float64) [][]float32 {
	if temperature == 0 || temperature == 1 {
		return logits
	}
	rows := make([][]float32, len(logits))
	for i, row := range logits {
		rows[i] = make([]float32, len(row))
		for k, v := range row {
			rows[i][k] = v / float32(temperature)
		}
	}
	return rows
}

// At returns the outputs with their logits divided by a temperature (Guo et al. 2017,
// section 4.2), which changes probabilities and no label; 0 is no temperature.
func (o *Outputs) At(temperature float64) *Outputs {
	tempered := *o
	tempered.Logits = Tempered(o.Logits, temperature)
	return &tempered
}

// A Trust is how far the probabilities of outputs can be taken at their word.
type Trust struct {
	Loss         float64                 `json:"nll"`   // mean negative log-likelihood of the truth, in nats
	ECE          float64                 `json:"ece"`   // over metric.CalibrationBins bins of equal width
	Brier        float64                 `json:"brier"` // from 0 to 2
	Reliability  []metric.CalibrationBin `json:"reliability"`
	CoverageRisk []metric.Coverage       `json:"coverage_risk"` // the most confident answers first
}

// curvePoints is how many points a curve of coverage and risk has.
const curvePoints = 20

// Trust measures the outputs' probabilities; nil where the kind has none of one label
// among several, or there are no outputs.
func (o *Outputs) Trust() *Trust {
	if !o.Kind.Sure() || len(o.Logits) == 0 {
		return nil
	}
	probabilities, confidence, right := o.confidences()
	bins := metric.Reliability(confidence, right, metric.CalibrationBins)
	return &Trust{Loss: o.Loss(), ECE: metric.ECE(bins), Brier: metric.Brier(probabilities, o.Gold),
		Reliability: bins, CoverageRisk: metric.CoverageRisk(confidence, right, curvePoints)}
}

// Abstaining is what comes of answering only where the label has at least a probability.
func (o *Outputs) Abstaining(below float64) metric.Coverage {
	_, confidence, right := o.confidences()
	return metric.Abstaining(confidence, right, below)
}

// confidences are the probabilities of each example, that of its label, and whether this
// is true.
func (o *Outputs) confidences() (probabilities [][]float64, confidence []float64, right []bool) {
	for i, row := range o.Logits {
		k, p := kernel.Largest(row), Softmax(row)
		probabilities, confidence, right = append(probabilities, p), append(confidence, p[k]), append(right, k == o.Gold[i])
	}
	return probabilities, confidence, right
}

// Temperatures beyond these are not fitted: they say that no probability helps, or that
// the examples are too easy to tell.
const (
	leastTemperature = 0.05
	mostTemperature  = 20
)

// Temperature fits the temperature T at which the mean cross-entropy of the truth is least.
// In β = 1/T that is convex,
//
//	NLL(β) = mean (log Σ_k exp(β·z_k) − β·z_y),  NLL′(β) = mean (E_p z − z_y),  NLL″(β) = mean Var_p z
//
// and the zero of NLL′ is found by Newton's steps, each kept within the bounds that the
// signs so far leave. It reports an error where there is no least value between
// temperatures of 0.05 and 20.
func (o *Outputs) Temperature() (float64, error) {
	low, high := 1.0/mostTemperature, 1.0/leastTemperature
	if slope, _ := o.slope(low); slope >= 0 {
		return 0, fmt.Errorf("the probabilities of %d rows want a temperature above %d: the model tells them apart no better than chance", len(o.Logits), mostTemperature)
	}
	if slope, _ := o.slope(high); slope <= 0 {
		return 0, fmt.Errorf("the probabilities of %d rows want a temperature below %g: the model answers nearly all of them right, so they do not tell how often it errs; give more, or harder ones", len(o.Logits), leastTemperature)
	}
	for beta := 1.0; ; {
		slope, curvature := o.slope(beta)
		if slope < 0 {
			low = beta
		} else {
			high = beta
		}
		next := beta - slope/curvature
		if !(low < next && next < high) {
			next = (low + high) / 2
		}
		if math.Abs(next-beta) <= 1e-10*beta || next == low || next == high {
			return 1 / next, nil
		}
		beta = next
	}
}

// slope is the first and the second derivative of the mean cross-entropy of the truth by
// what the logits are multiplied by.
func (o *Outputs) slope(beta float64) (first, second float64) {
	n := float64(len(o.Logits))
	for i, row := range o.Logits {
		scaled := make([]float64, len(row))
		for k, v := range row {
			scaled[k] = beta * float64(v)
		}
		mean, square := 0.0, 0.0
		for k, p := range Softmax(scaled) {
			z := float64(row[k]) - float64(row[o.Gold[i]])
			mean, square = mean+p*z, square+p*z*z
		}
		first, second = first+mean/n, second+(square-mean*mean)/n
	}
	return first, second
}
