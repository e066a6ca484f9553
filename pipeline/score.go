package pipeline

import (
	"fmt"
	"maps"
	"slices"

	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
)

// Scores are values by the name of their metric.
type Scores map[string]float64

// Names are those of the metrics, in order.
func (s Scores) Names() []string { return slices.Sorted(maps.Keys(s)) }

// With is the scores and one more.
func (s Scores) With(name string, value float64) Scores {
	all := maps.Clone(s)
	if all == nil {
		all = Scores{}
	}
	all[name] = value
	return all
}

// score is the named metric, and what is reported with it.
func (o *outputs) score(name string) (value float64, also Scores, err error) {
	if o.problem == model.Regression {
		return Correlate(name, o.predicted(), o.scores)
	}
	classes := 0
	if len(o.logits) > 0 {
		classes = len(o.logits[0])
	}
	return Score(name, o.predictions(), o.gold, classes)
}

// Score is the named metric of predicted labels; with it goes the accuracy, where
// that is another.
func Score(name string, pred, gold []int, classes int) (value float64, also Scores, err error) {
	accuracy := metric.Accuracy(pred, gold)
	also = Scores{"accuracy": accuracy}
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
func Correlate(name string, pred, gold []float64) (value float64, also Scores, err error) {
	pearson, spearman := metric.Pearson(pred, gold), metric.Spearman(pred, gold)
	switch name {
	case "pearson":
		return pearson, Scores{"spearman": spearman}, nil
	case "spearman":
		return spearman, Scores{"pearson": pearson}, nil
	}
	return 0, nil, fmt.Errorf("data.metric is %q, want spearman or pearson", name)
}
