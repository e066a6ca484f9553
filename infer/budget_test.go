package infer

import (
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/retention"
)

// budgeted is the directory of the tiny model with two budgets, and its lists.
func budgeted(t *testing.T) (dir string, large, small []int) {
	t.Helper()
	dir = saveTiny(t, &relative)
	c, err := model.ReadConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	large = c.PowerRetention.Keep
	small = slices.Repeat([]int{1}, len(large))
	c.Budgets = retention.Family{{Share: 0.6, Keep: large}, {Share: 0.3, Keep: small}}
	if err := model.SaveConfig(dir, c); err != nil {
		t.Fatal(err)
	}
	return dir, large, small
}

// A model at a budget is the model whose own configuration is that budget's, to the bit.
func TestAtIsTheModelOfThatList(t *testing.T) {
	dir, _, small := budgeted(t)
	m, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	if m.Budget() != 0.6 {
		t.Errorf("by itself it runs at %v", m.Budget())
	}
	at, err := m.At(0.5)
	if err != nil {
		t.Fatal(err)
	}
	back, err := at.At(1)
	if err != nil {
		t.Fatal(err)
	}
	c, err := model.ReadConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	c.Budgets, c.PowerRetention.Keep = nil, small
	if err := model.SaveConfig(dir, c); err != nil {
		t.Fatal(err)
	}
	alone, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"a good film, and not a bad one", "bad", "the good and the bad of it, all of it and more"}
	said := func(m *Model) []Prediction {
		p, err := m.Classify(texts)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if at.Budget() != 0.3 || !reflect.DeepEqual(said(at), said(alone)) {
		t.Errorf("at %v it says %v, the model of that list %v", at.Budget(), said(at), said(alone))
	}
	if back.Budget() != 0.6 || !reflect.DeepEqual(said(back), said(m)) || reflect.DeepEqual(said(m), said(at)) {
		t.Error("back at the largest budget it says something else, or both say the same")
	}
	if alone.Budget() != 0 {
		t.Errorf("a model of one configuration runs at the budget %v", alone.Budget())
	}
	if _, err := alone.At(0.5); err == nil {
		t.Error("a model of one configuration has a budget")
	}
	if d := m.Dense(); d.Config.Budgets != nil || d.Budget() != 0 {
		t.Error("the dense model has budgets")
	}
}

// One budget is exported, and says which; the folder of optimum has none.
func TestExportOfABudget(t *testing.T) {
	dir, large, small := budgeted(t)
	for share, want := range map[float64]retention.Budget{0: {Share: 0.6, Keep: large}, 0.5: {Share: 0.3, Keep: small}} {
		folder := t.TempDir()
		x, err := ExportFolder(dir, folder, 0, share)
		if err != nil {
			t.Fatal(err)
		}
		if x.Budget != want.Share || !slices.Equal(x.Retention.Keep, want.Keep) {
			t.Errorf("at %v the export is of %v, %v", share, x.Budget, x.Retention.Keep)
		}
		if c, err := model.ReadConfig(folder); err != nil || c.Budgets != nil {
			t.Errorf("optimum's folder has the budgets %v, %v", c.Budgets, err)
		}
	}
	if _, err := ExportAt(dir, filepath.Join(t.TempDir(), "model.onnx"), 0, 0.2); err == nil {
		t.Error("a budget below all is exported")
	}
	if x, err := Export(saveTiny(t, &relative), filepath.Join(t.TempDir(), "model.onnx"), 0); err != nil || x.Budget != 0 {
		t.Errorf("one configuration is exported at the budget %v, %v", x.Budget, err)
	}
}

// An int8 model has the budgets of the model that it was made of.
func TestInt8KeepsBudgets(t *testing.T) {
	dir, _, small := budgeted(t)
	p, err := OpenPrecisions(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	if err := p.Save(to, nil); err != nil {
		t.Fatal(err)
	}
	m, err := Open(to, 0)
	if err != nil {
		t.Fatal(err)
	}
	if at, err := m.At(0.3); err != nil || !slices.Equal(at.Config.PowerRetention.Keep, small) {
		t.Errorf("at 0.3: %+v, %v", at, err)
	}
}
