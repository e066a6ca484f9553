package metric

import (
	"reflect"
	"testing"
)

// By hand, as scikit-learn's balanced_accuracy_score and macro averages: 6 examples of
// class 0, 2 of class 1, 1 of class 2, none of 3, which is predicted once, and nothing of 4.
func TestMacroOf(t *testing.T) {
	gold := []int{0, 0, 0, 0, 0, 0, 1, 1, 2}
	pred := []int{0, 0, 0, 0, 2, 3, 0, 1, 0}
	m := MacroOf(Confusion(pred, gold, 5), PerClass(pred, gold, 5))
	near(t, "balanced accuracy", m.BalancedAccuracy, (4./6+1./2+0)/3)
	near(t, "precision", m.Precision, (4./6+1+0+0)/4)
	near(t, "recall", m.Recall, (4./6+1./2+0+0)/4)
	near(t, "F1", m.F1, MacroF1(pred, gold, 5))
	if !reflect.DeepEqual(m.NotFound, []int{2}) || m.NeverPredicted != nil {
		t.Errorf("not found %v, want [2]; never predicted %v, want none", m.NotFound, m.NeverPredicted)
	}
	pred = []int{0, 0, 0, 0, 0, 0, 0, 0, 1}
	m = MacroOf(Confusion(pred, gold, 5), PerClass(pred, gold, 5))
	if !reflect.DeepEqual(m.NotFound, []int{1, 2}) || !reflect.DeepEqual(m.NeverPredicted, []int{2}) {
		t.Errorf("not found %v, want [1 2]; never predicted %v, want [2]", m.NotFound, m.NeverPredicted)
	}
	if !reflect.DeepEqual(MacroOf(nil, nil), Macro{}) {
		t.Error("of nothing the means are not 0")
	}
}
