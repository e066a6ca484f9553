package problem

import (
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/metric"
)

// F1Of begins the name of a metric, the F1 of one label: f1@LABEL.
const F1Of = "f1@"

// Metrics are the names of all metrics; beside them each label has an F1Of.
var Metrics = []string{"accuracy", "f1", "macro_f1", "matthews", "micro_f1", "sample_f1", "map", "spearman", "pearson"}

// Knows tells whether answers of the kind can be scored by the named metric, given the
// right labels.
func (k Kind) Knows(name string) bool {
	return slices.Contains(k.Metrics(), name) || k.Labelled() && strings.HasPrefix(name, F1Of)
}

// OfSeveral tells whether a metric is of labels that are each by itself, and of no others.
func OfSeveral(name string) bool { return MultiLabel.Knows(name) && !Classification.Knows(name) }

// Refuses says why the named metric tells nothing of answers of the kind with these
// labels, and which do; "": it tells.
func (k Kind) Refuses(name string, labels []string) (why string) {
	label, one := strings.CutPrefix(name, F1Of)
	switch {
	case one && k.Labelled() && !slices.Contains(labels, label):
		return fmt.Sprintf("but the labels are %q", labels)
	case !k.Knows(name) && k.Several():
		why = "but the data has labels that are each by itself"
	case !k.Knows(name) && k.Labelled():
		why = "which is no metric of data with one label of several"
	case !k.Knows(name):
		why = "which is of labels, but the data has scores"
	case name == "f1" && len(labels) > 2:
		return fmt.Sprintf("which is of the second of two labels, but there are %d; want f1@LABEL, macro_f1, accuracy or matthews", len(labels))
	default:
		return ""
	}
	return why + "; want " + k.known()
}

// Positive names the label that the named metric is of: of f1 the second of two; ok is
// false of metrics of all labels.
func (k Kind) Positive(name string, labels []string) (label string, ok bool) {
	if label, ok = strings.CutPrefix(name, F1Of); ok {
		return label, true
	}
	if name == "f1" && len(labels) == 2 && !k.Aimed() {
		return labels[1], true
	}
	return "", false
}

// Score is the named metric, and what is reported with it: the accuracy, or of a
// regression the other correlation, which of several scores are means over these.
func (o *Outputs) Score(name string) (value float64, also metric.Scores, err error) {
	switch {
	case o.Kind.Several():
		return o.severalScored(name)
	case o.Kind.Aimed():
		return o.correlate(name)
	}
	return o.classScore(name)
}

// severalScored is Score of labels by themselves; beside it goes the best known.
func (o *Outputs) severalScored(name string) (value float64, also metric.Scores, err error) {
	value, ok := o.scoreSeveral(name)
	if !ok {
		return 0, nil, o.unknown(name)
	}
	for _, other := range o.Kind.Metrics()[:3] {
		if other != name {
			beside, _ := o.scoreSeveral(other)
			also = also.With(other, beside)
		}
	}
	return value, also, nil
}

// classScore is Score of one label of several.
func (o *Outputs) classScore(name string) (value float64, also metric.Scores, err error) {
	pred := o.Classes()
	accuracy := metric.Accuracy(pred, o.Gold)
	also = metric.Scores{"accuracy": accuracy}
	value, ok := o.scoreClasses(name, pred, o.Gold)
	switch {
	case !ok:
		return 0, nil, o.unknown(name)
	case name == "accuracy":
		return value, nil, nil
	}
	return value, also, nil
}

// scoreClasses is the named metric of what is said of some examples; ok is false of a name
// that is none of theirs.
func (o *Outputs) scoreClasses(name string, pred, gold []int) (value float64, ok bool) {
	if class, ok := o.ofLabel(name); ok {
		return metric.PerClass(pred, gold, o.width())[class].F1, true
	}
	return OfClasses(name, pred, gold, o.width())
}

// OfClasses is the named metric of predicted labels; ok is false of a name that is none of
// theirs.
func OfClasses(name string, pred, gold []int, classes int) (value float64, ok bool) {
	switch name {
	case "accuracy":
		return metric.Accuracy(pred, gold), true
	case "f1":
		return metric.F1(pred, gold), true
	case "macro_f1":
		return metric.MacroF1(pred, gold, classes), true
	case "matthews":
		return metric.Matthews(pred, gold), true
	}
	return 0, false
}

// ofLabel is the class that an F1Of names.
func (o *Outputs) ofLabel(name string) (class int, ok bool) {
	label, ok := strings.CutPrefix(name, F1Of)
	class = slices.Index(o.Labels, label)
	return class, ok && class >= 0 && class < max(o.width(), 1)
}

// correlate is Score of a regression.
func (o *Outputs) correlate(name string) (value float64, also metric.Scores, err error) {
	pearson, spearman, n := 0.0, 0.0, float64(max(o.width(), 1))
	for k := range o.width() {
		gold := make([]float64, len(o.Targets))
		for i, row := range o.Targets {
			gold[i] = row[k]
		}
		pred := o.column(k)
		pearson, spearman = pearson+metric.Pearson(pred, gold)/n, spearman+metric.Spearman(pred, gold)/n
	}
	switch name {
	case "pearson":
		return pearson, metric.Scores{"spearman": spearman}, nil
	case "spearman":
		return spearman, metric.Scores{"pearson": pearson}, nil
	}
	return 0, nil, o.unknown(name)
}

// unknown is the error of a metric that the outputs have not.
func (o *Outputs) unknown(name string) error {
	return fmt.Errorf("data.metric is %q, want %s", name, o.Kind.known())
}

// known lists the metrics of the kind in a sentence.
func (k Kind) known() string {
	known := k.Metrics()
	last := len(known) - 1
	return strings.Join(known[:last], ", ") + " or " + known[last]
}
