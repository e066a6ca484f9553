package metric

// A Macro is means over classes, in which a rare one counts as much as a frequent one.
type Macro struct {
	BalancedAccuracy float64 `json:"balanced_accuracy"` // mean recall of the classes that have examples
	// The means below are over the classes that have examples or predictions.
	Precision float64 `json:"macro_precision"`
	Recall    float64 `json:"macro_recall"`
	F1        float64 `json:"macro_f1"`
	// Classes with examples of which none is found, and those of them that are never
	// predicted at all.
	NotFound       []int `json:"-"`
	NeverPredicted []int `json:"-"`
}

// MacroOf is the means of a Confusion and its PerClass.
func MacroOf(confusion [][]int, classes []Class) (m Macro) {
	seen, present := 0, 0
	for k, c := range classes {
		predicted := 0
		for _, row := range confusion {
			predicted += row[k]
		}
		if c.Support == 0 && predicted == 0 {
			continue
		}
		seen++
		m.Precision, m.Recall, m.F1 = m.Precision+c.Precision, m.Recall+c.Recall, m.F1+c.F1
		if c.Support == 0 {
			continue
		}
		present++
		m.BalancedAccuracy += c.Recall
		if confusion[k][k] == 0 {
			m.NotFound = append(m.NotFound, k)
		}
		if predicted == 0 {
			m.NeverPredicted = append(m.NeverPredicted, k)
		}
	}
	n := float64(max(seen, 1))
	m.Precision, m.Recall, m.F1 = m.Precision/n, m.Recall/n, m.F1/n
	m.BalancedAccuracy /= float64(max(present, 1))
	return m
}
