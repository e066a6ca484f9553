package problem

import (
	"fmt"
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/metric"
)

// Probable tells whether labels are said with a probability, which a temperature can make
// right: one among several by a softmax, or each by itself by a sigmoid.
func (k Kind) Probable() bool { return k.Labelled() && !k.Guessed() }

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

// TemperedThresholds returns what thresholds of sigmoids become where logits are divided by
// a temperature, so that the same labels are said: θ becomes σ(log(θ/(1 − θ))/T), which
// leaves 1/2, and so nil, as it is. 0 is no temperature.
func TemperedThresholds(thresholds []float64, temperature float64) []float64 {
	if temperature == 0 || temperature == 1 || thresholds == nil {
		return thresholds
	}
	list := make([]float64, len(thresholds))
	for class, p := range thresholds {
		list[class] = kernel.Sigmoid(math.Log(p/(1-p)) / temperature)
	}
	return list
}

// At returns the outputs with their logits divided by a temperature (Guo et al. 2017,
// section 4.2), which changes probabilities, thresholds with them, and no label; 0 is no
// temperature.
func (o *Outputs) At(temperature float64) *Outputs {
	tempered := *o
	tempered.Logits, tempered.Thresholds = Tempered(o.Logits, temperature), TemperedThresholds(o.Thresholds, temperature)
	return &tempered
}

// A Trust is how far the probabilities of outputs can be taken at their word. Where each
// label is by itself, every label of every example is a decision of its own: its
// probability is held against whether the example has the label.
type Trust struct {
	Loss         float64                 `json:"nll"`   // mean negative log-likelihood of the truth, in nats
	ECE          float64                 `json:"ece"`   // over metric.CalibrationBins bins of equal width
	Brier        float64                 `json:"brier"` // from 0 to 2; of decisions from 0 to 1
	Reliability  []metric.CalibrationBin `json:"reliability"`
	CoverageRisk []metric.Coverage       `json:"coverage_risk,omitempty"` // the most confident answers first; none of decisions
	Decisions    int                     `json:"decisions,omitempty"`     // how many there are; 0: an answer per example
}

// curvePoints is how many points a curve of coverage and risk has.
const curvePoints = 20

// Trust measures the outputs' probabilities; nil where the kind has none, or there are no
// outputs.
func (o *Outputs) Trust() *Trust {
	if !o.Kind.Probable() || len(o.Logits) == 0 {
		return nil
	}
	if o.Kind.Several() {
		return o.trustOfDecisions()
	}
	probabilities, confidence, right := o.confidences()
	bins := metric.Reliability(confidence, right, metric.CalibrationBins)
	return &Trust{Loss: o.Loss(), ECE: metric.ECE(bins), Brier: metric.Brier(probabilities, o.Gold),
		Reliability: bins, CoverageRisk: metric.CoverageRisk(confidence, right, curvePoints)}
}

// trustOfDecisions is Trust of labels that are each by itself.
func (o *Outputs) trustOfDecisions() *Trust {
	var probabilities []float64
	var has []bool
	brier := 0.0
	for i, row := range o.Logits {
		for class, v := range row {
			p, y := kernel.Sigmoid(float64(v)), o.Targets[i][class]
			probabilities, has = append(probabilities, p), append(has, y > 0)
			brier += (p - y) * (p - y)
		}
	}
	bins := metric.Reliability(probabilities, has, metric.CalibrationBins)
	n := len(probabilities)
	return &Trust{Loss: o.Loss(), ECE: metric.ECE(bins), Brier: brier / float64(n), Reliability: bins, Decisions: n}
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
// signs so far leave. Of labels that are each by itself the mean is over those of all
// examples, which share one temperature, and each has the logits 0 and z. It reports an
// error where there is no least value between temperatures of 0.05 and 20.
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
		mean, variance := 0.0, 0.0
		if o.Kind.Several() {
			mean, variance = slopeOfSigmoids(row, o.Targets[i], beta)
		} else {
			mean, variance = slopeOfSoftmax(row, o.Gold[i], beta)
		}
		first, second = first+mean/n, second+variance/n
	}
	return first, second
}

// slopeOfSoftmax is E_p z − z_y and Var_p z of one example.
func slopeOfSoftmax(logits []float32, gold int, beta float64) (mean, variance float64) {
	scaled := make([]float64, len(logits))
	for k, v := range logits {
		scaled[k] = beta * float64(v)
	}
	square := 0.0
	for k, p := range Softmax(scaled) {
		z := float64(logits[k]) - float64(logits[gold])
		mean, square = mean+p*z, square+p*z*z
	}
	return mean, square - mean*mean
}

// slopeOfSigmoids is the mean over an example's labels of (σ(β·z) − y)·z and
// σ(β·z)·(1 − σ(β·z))·z².
func slopeOfSigmoids(logits []float32, targets []float64, beta float64) (mean, variance float64) {
	n := float64(len(logits))
	for k, v := range logits {
		z := float64(v)
		p := kernel.Sigmoid(beta * z)
		mean, variance = mean+(p-targets[k])*z/n, variance+p*(1-p)*z*z/n
	}
	return mean, variance
}
