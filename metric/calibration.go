package metric

import (
	"cmp"
	"slices"
)

// CalibrationBins is how many bins of equal width an ECE has here, as in Guo et al. 2017.
const CalibrationBins = 15

// A CalibrationBin is the predictions whose confidence lies above From and up to To; the
// first has those of confidence 0, too.
type CalibrationBin struct {
	From       float64 `json:"from"`
	To         float64 `json:"to"`
	Examples   int     `json:"examples"`
	Confidence float64 `json:"confidence"` // the mean; 0 without examples
	Accuracy   float64 `json:"accuracy"`   // the share that is right; 0 without examples
}

// Reliability sorts predictions by their confidence, from 0 to 1, into so many bins of
// equal width: the bars of a reliability diagram (Guo et al. 2017).
func Reliability(confidence []float64, right []bool, bins int) []CalibrationBin {
	list := make([]CalibrationBin, bins)
	for b := range list {
		list[b].From, list[b].To = float64(b)/float64(bins), float64(b+1)/float64(bins)
	}
	for i, p := range confidence {
		b, _ := slices.BinarySearchFunc(list[:bins-1], p, func(bin CalibrationBin, p float64) int { return cmp.Compare(bin.To, p) })
		list[b].Examples++
		list[b].Confidence += p
		if right[i] {
			list[b].Accuracy++
		}
	}
	for b := range list {
		n := float64(max(list[b].Examples, 1))
		list[b].Confidence, list[b].Accuracy = list[b].Confidence/n, list[b].Accuracy/n
	}
	return list
}

// ECE is the expected calibration error of bins that hold n predictions:
//
//	Σ_b n_b/n · |accuracy_b − confidence_b|        (Naeini et al. 2015; Guo et al. 2017, eq. 3)
func ECE(bins []CalibrationBin) (sum float64) {
	n := 0
	for _, b := range bins {
		n += b.Examples
		sum += float64(b.Examples) * max(b.Accuracy-b.Confidence, b.Confidence-b.Accuracy)
	}
	return sum / float64(max(n, 1))
}

// Brier is the mean over examples of Σ_k (p_k − [k is true])², from 0 to 2 (Brier 1950).
func Brier(probabilities [][]float64, gold []int) (mean float64) {
	for i, row := range probabilities {
		for k, p := range row {
			if k == gold[i] {
				p = 1 - p
			}
			mean += p * p / float64(len(probabilities))
		}
	}
	return mean
}

// A Coverage is what comes of giving no answer below a confidence.
type Coverage struct {
	Below    float64 `json:"abstain_below"`
	Coverage float64 `json:"coverage"` // share of the examples that get an answer
	Risk     float64 `json:"risk"`     // share of the answers that is wrong; 0 without any
}

// Abstaining is the coverage and risk of answers of at least a confidence.
func Abstaining(confidence []float64, right []bool, below float64) Coverage {
	answered, wrong := 0, 0
	for i, p := range confidence {
		if p < below {
			continue
		}
		answered++
		if !right[i] {
			wrong++
		}
	}
	return Coverage{below, ratio(answered, len(confidence)), ratio(wrong, answered)}
}

// CoverageRisk is the curve of risk over coverage (El-Yaniv and Wiener 2010) at so many
// points: for each share k/points of the examples the most confident ones that make it up,
// with all that are as confident as the last of them. Points that would be the same are
// one.
func CoverageRisk(confidence []float64, right []bool, points int) (curve []Coverage) {
	sorted := slices.Clone(confidence)
	slices.SortFunc(sorted, func(a, b float64) int { return cmp.Compare(b, a) })
	for k := 1; k <= points && len(sorted) > 0; k++ {
		last := (k*len(sorted) + points - 1) / points // examples, rounded up
		c := Abstaining(confidence, right, sorted[last-1])
		if n := len(curve); n == 0 || curve[n-1] != c {
			curve = append(curve, c)
		}
	}
	return curve
}
