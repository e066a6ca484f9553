package metric

// A Threshold is what comes of saying a label where its probability is At or more.
type Threshold struct {
	At        float64 `json:"at"`
	Precision float64 `json:"precision"` // right share of what is said
	Recall    float64 `json:"recall"`    // found share of the examples that have the label
	Said      int     `json:"said"`      // examples that the label is said of, 1 or more
}

// Thresholds is the curve of a label's precision and recall over so many thresholds, evenly
// from 0 to 1, up to the last one at which it is said of any example. It is nil of a label
// that no example has.
func Thresholds(probabilities []float64, gold []bool, points int) (curve []Threshold) {
	having := 0
	for _, has := range gold {
		if has {
			having++
		}
	}
	for k := 0; k < points && having > 0; k++ {
		at, said, hits := float64(k)/float64(points-1), 0, 0
		for i, p := range probabilities {
			if p >= at {
				said++
				if gold[i] {
					hits++
				}
			}
		}
		if said == 0 {
			break
		}
		curve = append(curve, Threshold{at, ratio(hits, said), ratio(hits, having), said})
	}
	return curve
}
