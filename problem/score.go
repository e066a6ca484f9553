package problem

import (
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/metric"
)

// Refuses says why the named metric tells nothing of answers of the kind with so many
// labels, and which do; "": it tells.
func (k Kind) Refuses(name string, classes int) (why string) {
	known := k.Metrics()
	last := len(known) - 1
	switch {
	case !slices.Contains(known, name) && k.Labelled():
		why = "which is of scores, but the data has labels"
	case !slices.Contains(known, name):
		why = "which is of labels, but the data has scores"
	case name == "f1" && classes > 2:
		return fmt.Sprintf("which is of the second of two labels, but there are %d; want macro_f1, accuracy or matthews", classes)
	default:
		return ""
	}
	return why + "; want " + strings.Join(known[:last], ", ") + " or " + known[last]
}

// Score is the named metric of predicted labels; with it goes the accuracy, where
// that is another.
func Score(name string, pred, gold []int, classes int) (value float64, also metric.Scores, err error) {
	accuracy := metric.Accuracy(pred, gold)
	also = metric.Scores{"accuracy": accuracy}
	switch name {
	case "accuracy":
		return accuracy, nil, nil
	case "f1":
		return metric.F1(pred, gold), also, nil
	case "macro_f1":
		return metric.MacroF1(pred, gold, classes), also, nil
	case "matthews":
		return metric.Matthews(pred, gold), also, nil
	}
	return 0, nil, fmt.Errorf("data.metric is %q, want accuracy, f1, macro_f1 or matthews", name)
}

// Correlate is the named correlation of predicted scores; with it goes the other.
func Correlate(name string, pred, gold []float64) (value float64, also metric.Scores, err error) {
	pearson, spearman := metric.Pearson(pred, gold), metric.Spearman(pred, gold)
	switch name {
	case "pearson":
		return pearson, metric.Scores{"spearman": spearman}, nil
	case "spearman":
		return spearman, metric.Scores{"pearson": pearson}, nil
	}
	return 0, nil, fmt.Errorf("data.metric is %q, want spearman or pearson", name)
}
