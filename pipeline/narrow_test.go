package pipeline

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// Of stage 1's neurons those stay that have a say, whatever their places: in the narrow model
// no neuron is of those that lead nowhere.
func TestNarrowedKeepsWhatCounts(t *testing.T) {
	e := tiny(t)
	o := (&Options{}).prepare(e)
	task, err := loadTask(background, e, o)
	if err != nil {
		t.Fatal(err)
	}
	w := &source{&run{Options: o, exp: e}, task}
	c, p, err := w.firstWeights()
	if err != nil {
		t.Fatal(err)
	}
	outs := []string{"bert.encoder.layer.0.output.dense.weight", "bert.encoder.layer.1.output.dense.weight"}
	for j, name := range outs {
		for i := range p.Slice(name) {
			if i%24%2 == j {
				p.Slice(name)[i] = 0
			}
		}
	}
	was := slices.Clone(p.Arena())
	to, narrow, err := w.narrowed(c, p, 12)
	if err != nil || to.IntermediateSize != 12 || c.IntermediateSize != 24 {
		t.Fatalf("%d neurons of %d, %v", to.IntermediateSize, c.IntermediateSize, err)
	}
	for j, name := range outs {
		for i, x := range narrow.Slice(name) {
			wide := i/12*24 + i%12*2 + 1 - j
			if x == 0 || x != p.Slice(name)[wide] {
				t.Fatalf("encoder %d, weight %d is %v, want %v", j+1, i, x, p.Slice(name)[wide])
			}
		}
	}
	if !slices.Equal(p.Arena(), was) {
		t.Error("weighing changed stage 1's model")
	}
	_, _, err = w.narrowed(c, p, 24)
	if err == nil || !strings.Contains(err.Error(), "stage 1's model has 24 feed-forward neurons, so narrow-24 is no narrower; want 1 to 23") {
		t.Errorf("as many neurons: %v", err)
	}
}

func TestLargest(t *testing.T) {
	if got := largest([]float64{1, 5, 3, 5, 4, 0}, 3); !slices.Equal(got, []int{1, 3, 4}) {
		t.Errorf("the three largest are at %v", got)
	}
	if got := largest([]float64{2, 2, 2}, 2); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("of equal ones the first two are %v", got)
	}
}

// The sizes of what examples say add up: signs do not cancel.
func TestAddSizes(t *testing.T) {
	sums := addSizes(addSizes(nil, [][]float64{{1, -2}, {3, 0}}), [][]float64{{-1, -2}, {0.5, 4}})
	if !slices.Equal(sums[0], []float64{2, 4}) || !slices.Equal(sums[1], []float64{3.5, 4}) {
		t.Errorf("the sums are %v", sums)
	}
}

// The narrow candidate becomes a model of its width, which costs what it said; an interrupted
// retraining goes on to the same bits.
func TestNarrowCandidate(t *testing.T) {
	long(t)
	e := atHalf(t, "search.candidates=[narrow]", "search.target=0.95")
	dir := heldOut(t)
	p, err := RetrainCandidate(background, e, Options{Dir: dir}, configs.Narrow)
	if err != nil {
		t.Fatal(err)
	}
	c, err := model.ReadConfig(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rundir.Stage(filepath.Dir(p.Dir), configs.StageRetrain).Result()
	if err != nil {
		t.Fatal(err)
	}
	first, err := rundir.ReadResult(dir, configs.StageFinetune)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.MACs.Real / first.MACs.Real; c.IntermediateSize != 16 || c.NumHiddenLayers != 4 || got > 0.95 || got != p.Share {
		t.Errorf("%d encoders of %d neurons cost %v, want 16 at %v", c.NumHiddenLayers, c.IntermediateSize, got, p.Share)
	}
	if said, err := Evaluate(background, p.Dir, EvaluateOptions{}); err != nil || said.Value != r.Dev {
		t.Errorf("dev is %v, evaluated %+v, %v", r.Dev, said, err)
	}
	card, err := os.ReadFile(filepath.Join(p.Dir, "README.md"))
	if text := string(card); err != nil || strings.Contains(text, "power_retention") || strings.Contains(text, "times fewer") ||
		!strings.Contains(text, "takes no word-vectors out: any tool that loads BertForSequenceClassification computes the same") || !strings.Contains(text, "It is the candidate narrow") {
		t.Errorf("the card is\n%s\n%v", card, err)
	}

	again := heldOut(t)
	ctx, cancel := context.WithCancel(background)
	_, err = RetrainCandidate(ctx, e, Options{Dir: again, Report: when{"retrain", 3, cancel}}, configs.Narrow)
	if !errors.Is(err, ErrInterrupted) {
		t.Fatalf("interrupted: %v", err)
	}
	q, err := RetrainCandidate(background, e, Options{Dir: again}, configs.Narrow)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := os.ReadFile(filepath.Join(p.Dir, "model.safetensors"))
	b, err := os.ReadFile(filepath.Join(q.Dir, "model.safetensors"))
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("interrupted it comes to other weights (%v)", err)
	}
}

// A width that is given needs no search, and the estimate knows it.
func TestNarrowGiven(t *testing.T) {
	long(t)
	dir, e := heldOut(t), atHalf(t, "retrain.student=narrow-9", "search.target=0", "search.max_drop=none", "search.candidates=[]")
	r, err := Retrain(background, e, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := model.ReadConfig(r.Dir); err != nil || c.IntermediateSize != 9 {
		t.Errorf("%d neurons (%v), want 9", c.IntermediateSize, err)
	}
	if card, err := os.ReadFile(filepath.Join(r.Dir, "README.md")); err != nil || r.RetentionFrom != "retrain.student" || !strings.Contains(string(card), "What it began as was given, not chosen.") {
		t.Errorf("from %q, the card is\n%s\n%v", r.RetentionFrom, card, err)
	}
	foretold, err := NewEstimate(background, e, Options{Dir: t.TempDir()}, 0)
	if err != nil {
		t.Fatal(err)
	}
	stages := foretold.Stages
	if last := stages[len(stages)-1]; last.Stage != configs.StageRetrain || last.Params >= stages[0].Params || last.AtMost {
		t.Errorf("the estimate is %+v", stages)
	}
}

// One narrow model serves several budgets: all lists are of its width, and each costs its share.
func TestNarrowServesBudgets(t *testing.T) {
	long(t)
	dir, e := heldOut(t), atHalf(t, "search.candidates=[narrow]", "search.target=0.95", "retrain.budgets=[0.95, 0.6]")
	if _, err := Compete(background, e, Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	r, err := Retrain(background, e, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	c, err := model.ReadConfig(r.Dir)
	if err != nil || c.IntermediateSize != 16 || len(c.Budgets) != 2 {
		t.Fatalf("%d neurons, budgets %v, %v", c.IntermediateSize, c.Budgets, err)
	}
	f, _, err := fieldOf(background, &run{Options: (&Options{Dir: dir}).prepare(e), exp: e})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range c.Budgets {
		if share := f.Cost(shapeOf(c), b.Keep); share > b.Share || b.Share < 0.9 && share < b.Share-0.1 {
			t.Errorf("%v costs %v, want %v", b.Keep, share, b.Share)
		}
	}
}
