package metric

import (
	"reflect"
	"testing"
)

// table makes rows of answers: 1 where a label is.
func table(rows ...string) (list [][]bool) {
	for _, row := range rows {
		var answers []bool
		for _, c := range row {
			answers = append(answers, c == '1')
		}
		list = append(list, answers)
	}
	return list
}

// Five examples of four labels, by hand. Label by label (tn fp fn tp):
//
//	0: said of 1 2 3, had by 1 2 5      → 1 1 1 2: P 2/3, R 2/3, F1 2·2/6
//	1: said of 2 4,   had by 2          → 3 1 0 1: P 1/2, R 1,   F1 2·1/3
//	2: said of none,  had by 1 3        → 3 0 2 0: P 0,   R 0,   F1 0
//	3: neither                          → 5 0 0 0
func TestLabelsByThemselves(t *testing.T) {
	pred := table("1000", "1100", "1000", "0100", "0000")
	gold := table("1010", "1100", "0010", "0000", "1000")
	counts := Binaries(pred, gold, 4)
	if want := []Binary{{1, 1, 1, 2}, {3, 1, 0, 1}, {3, 0, 2, 0}, {5, 0, 0, 0}}; !reflect.DeepEqual(counts, want) {
		t.Fatalf("counts %v, want %v", counts, want)
	}
	if got, want := counts[1].Class(), (Class{Precision: 0.5, Recall: 1, F1: 2. / 3, Support: 1}); got != want {
		t.Errorf("label 1: %v, want %v", got, want)
	}
	near(t, "micro F1", MicroF1(counts), 2*3./(2*3+2+3)) // tp 3, fp 2, fn 3
	m := MacroOfLabels(counts)
	near(t, "macro precision", m.Precision, (2./3+1./2)/3)
	near(t, "macro recall", m.Recall, (2./3+1)/3)
	near(t, "macro F1", m.F1, (2./3+2./3)/3)
	if m.BalancedAccuracy != 0 || !reflect.DeepEqual(m.NotFound, []int{2}) || !reflect.DeepEqual(m.NeverPredicted, []int{2}) {
		t.Errorf("balanced accuracy %v, not found %v, never predicted %v", m.BalancedAccuracy, m.NotFound, m.NeverPredicted)
	}
	// By example: 2·1/3, 1, 0, 0, 0.
	near(t, "sample F1", SampleF1(pred, gold), (2./3+1)/5)
	near(t, "exact match", ExactMatch(pred, gold), 1./5)
	near(t, "sample F1 of no labels, rightly", SampleF1(table("00", "10"), table("00", "10")), 1)
	near(t, "sample F1 of nothing", SampleF1(nil, nil), 0)
	near(t, "micro F1 of nothing", MicroF1(Binaries(nil, nil, 2)), 0)
}

// A label that is said of the wrong examples alone is not found, but is predicted; one
// that is said where nobody has it lowers the means and is not missed.
func TestLabelsThatAreNotFound(t *testing.T) {
	m := MacroOfLabels(Binaries(table("11", "00"), table("00", "10"), 2))
	if !reflect.DeepEqual(m.NotFound, []int{0}) || m.NeverPredicted != nil || m.F1 != 0 {
		t.Errorf("%+v", m)
	}
}

// As scikit-learn's average_precision_score: its documented example is 0.83; ties enter
// together.
func TestAveragePrecision(t *testing.T) {
	for _, row := range []struct {
		name   string
		scores []float64
		gold   string
		want   float64
	}{
		{"documented", []float64{0.1, 0.4, 0.35, 0.8}, "0011", 0.5*1 + 0.5*2./3},
		{"perfect", []float64{3, 1, 2}, "101", 1},
		{"last", []float64{3, 1, 2}, "010", 1. / 3},
		{"all tied", []float64{1, 1, 1, 1}, "0100", 1. / 4},
		{"a tie of both", []float64{5, 2, 2, 1}, "1010", 0.5*1 + 0.5*2./3},
		{"none", []float64{1, 2}, "00", 0},
		{"empty", nil, "", 0},
	} {
		gold := []bool{}
		for _, c := range row.gold {
			gold = append(gold, c == '1')
		}
		near(t, row.name, AveragePrecision(row.scores, gold), row.want)
	}
}
