package pipeline

import (
	"math"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/train"
)

// An estimate says what a run then comes to: what is counted is equal, the run
// directory has the size and the heap holds what was foretold, within a tenth.
func TestEstimateAgainstARun(t *testing.T) {
	long(t)
	e := tiny(t, "encoder.layers=4", "encoder.hidden=64", "encoder.intermediate=256", "finetune.batch_size=32",
		"search.batch_size=64", "search.lr_r=0.05", "retrain.batch_size=32", "retrain.distil.alpha=0.5", "search.distil.alpha=0.5", "search.distil.cls=50", "data.demo.train=300", "data.demo.dev=200")
	dir := filepath.Join(t.TempDir(), "run")
	before, held := heap(), map[string]int{}
	results, err := Run(background, e, Options{Dir: dir, Report: atEnd{do: func(stage string) { held[stage] = heap() - before }}})
	if err != nil {
		t.Fatal(err)
	}
	var got *estimate.Estimate
	keeps(t, dir, func() { got = foretold(t, e, dir, 0) })
	for i, r := range results {
		s := got.Stages[i]
		if s.Stage != r.Stage || s.Params != r.Params || s.Work.Example != r.MACs || s.AtMost {
			t.Errorf("%s: estimate %+v, the run has %+v", r.Stage, s, r)
		}
		if want := lastStep(t, dir, r.Stage); s.Steps != want {
			t.Errorf("%s: estimate of %d steps, the run has %d", r.Stage, s.Steps, want)
		}
		near(t, r.Stage+": bytes held", s.Memory.Low-s.Memory.Base, held[r.Stage])
		if s.Memory.High < held[r.Stage] {
			t.Errorf("%s: at most %d bytes were foretold, the run holds %d", r.Stage, s.Memory.High, held[r.Stage])
		}
	}
	if want := results[1].Retention.Retention; !reflect.DeepEqual(got.Stages[2].Retention, want) {
		t.Errorf("retention %v, want the search's %v", got.Stages[2].Retention, want)
	}
	size := 0
	for _, text := range tree(t, dir) {
		size += len(text)
	}
	near(t, "run directory", got.Disk.Left, size)
}

// So does one of pretraining, whose model grows on the way.
func TestEstimateAgainstPretraining(t *testing.T) {
	long(t)
	e := small(t, "encoder.hidden=128", "encoder.intermediate=500", "log_every=1", "pretrain.batch_size=32", "pretrain.accumulate=1", "pretrain.evaluate_every=3")
	dir := filepath.Join(t.TempDir(), "run")
	foretold(t, e, dir, 0) // products take memory that serves all later ones
	before, held := heap(), 0
	r, err := Pretrain(background, e, Options{Dir: dir, Report: atEnd{do: func(string) { held = heap() - before }}})
	if err != nil {
		t.Fatal(err)
	}
	var got *estimate.Estimate
	keeps(t, dir, func() { got = foretold(t, e, dir, 0) })
	s := got.Stages[0]
	if len(got.Stages) != 1 || s.Stage != r.Stage || s.Params != r.Params || s.Work.Example != r.MACs || s.AtMost || got.MaxLength != 16 {
		t.Errorf("estimate %+v, the run has %+v", got, r)
	}
	if want := lastStep(t, dir, r.Stage); s.Steps != want {
		t.Errorf("estimate of %d steps, the run has %d", s.Steps, want)
	}
	near(t, "bytes held", s.Memory.Low-s.Memory.Base, held)
	if s.Memory.High < held {
		t.Errorf("at most %d bytes were foretold, the run holds %d", s.Memory.High, held)
	}
	size := 0
	for _, text := range tree(t, dir) {
		size += len(text)
	}
	near(t, "run directory", got.Disk.Left, size)
}

// Each size of a model that grows is counted for its share of the steps, and for the
// evaluations that fall to it: 7, 7 and 8 of 22 steps, and after steps 8, 16 and 22.
func TestEstimateOfGrowth(t *testing.T) {
	long(t)
	e := small(t)
	grown := foretold(t, e, empty(t), 1).Stages[0]
	step, dev := map[int]float64{}, map[int]float64{}
	e.Pretrain.Stack = nil
	for _, e.Encoder.Layers = range []int{1, 2, 4} {
		w := foretold(t, e, empty(t), 1).Stages[0].Work
		step[e.Encoder.Layers], dev[e.Encoder.Layers] = w.Step, (w.Stage-22*w.Step)/3
	}
	for what, got := range map[float64]float64{
		(7*step[1] + 7*step[2] + 8*step[4]) / 22:              grown.Work.Step,
		7*step[1] + 7*step[2] + 8*step[4] + dev[2] + 2*dev[4]: grown.Work.Stage,
	} {
		if math.Abs(got/what-1) > 1e-12 {
			t.Errorf("%v multiply-adds were foretold, want %v", got, what)
		}
	}
	timed := foretold(t, small(t), empty(t), 0).Stages[0].Seconds
	if timed == nil || timed.Low <= 0 || timed.Low > timed.Likely || timed.Likely > timed.High {
		t.Errorf("time %+v is in no order", timed)
	}
}

// Before there is a search, retraining is counted as fine-tuning; padding costs
// what it adds.
func TestEstimateBeforeARun(t *testing.T) {
	long(t)
	e := tiny(t, "retrain.batch_size=8", "retrain.accumulate=2")
	plain := foretold(t, e, empty(t), 0)
	first, last := plain.Stages[0], plain.Stages[2]
	if !last.AtMost || last.Work != first.Work {
		t.Errorf("retraining is estimated as %+v, fine-tuning as %+v", last, first)
	}
	sum := estimate.Seconds{}
	for _, s := range plain.Stages {
		if s := s.Seconds; s.Low <= 0 || s.Low > s.Likely || s.Likely > s.High {
			t.Errorf("times %+v are in no order", s)
		}
		sum.Likely, sum.Low, sum.High = sum.Likely+s.Seconds.Likely, sum.Low+s.Seconds.Low, sum.High+s.Seconds.High
	}
	if *plain.Seconds != sum {
		t.Errorf("all stages take %+v, want %+v", *plain.Seconds, sum)
	}
	e.Data.Pad = true
	padded := foretold(t, e, empty(t), 1).Stages[0]
	if padded.Work.Stage != first.Work.StagePadded || padded.Work.StagePadded != first.Work.StagePadded {
		t.Errorf("padded, a stage is %v multiply-adds, foretold without padding were %v", padded.Work.Stage, first.Work.StagePadded)
	}
	if padded.Memory.Activations <= first.Memory.Activations {
		t.Errorf("padded, activations are %d bytes, without padding %d", padded.Memory.Activations, first.Memory.Activations)
	}
}

// A teacher adds its forward passes over the training examples, and its weights, or where it
// runs beside what learns its networks, too.
func TestEstimateOfATeacher(t *testing.T) {
	long(t)
	for _, set := range [][]string{{"retrain.epochs=3"}, {"retrain.epochs=3", "retrain.retention=[20,7]"}, {"data.pad=true"}} {
		alone := foretold(t, tiny(t, set...), empty(t), 1).Stages
		taught := foretold(t, tiny(t, append(set, "retrain.distil.alpha=0.5")...), empty(t), 1).Stages
		last := len(alone) - 1
		got, want, first := taught[last].Work, alone[last].Work, alone[0].Work
		epochs := tiny(t, set...).Retrain.Epochs
		if math.Abs(got.Epoch/(want.Epoch+first.Epoch/3/float64(epochs))-1) > 1e-12 {
			t.Errorf("%v: an epoch is %v multiply-adds, want %v and of stage 1's %v a third in one epoch", set, got.Epoch, want.Epoch, first.Epoch)
		}
		if m := taught[last].Memory; m.Teacher != m.Weights || taught[0].Memory.Teacher != 0 { // its networks have run before
			t.Errorf("%v: stage 3 with a teacher is estimated as %+v", set, taught[last])
		}
	}
	alone, taught := foretold(t, tiny(t), empty(t), 1).Stages[1], foretold(t, tiny(t, "search.distil.cls=50"), empty(t), 0).Stages[1]
	if m := taught.Memory; taught.Seconds == nil || m.Teacher <= m.Weights || alone.Memory.Teacher != 0 || !(taught.Work.Epoch > alone.Work.Epoch) {
		t.Errorf("stage 2 with a teacher is estimated as %+v, without as %+v", taught, alone)
	}
}

// Several budgets cost a step of the largest, the smallest and the mean of those between,
// and evaluations of each, in twice the epochs.
func TestEstimateOfBudgets(t *testing.T) {
	dir := without(t, "retrain")
	at := func(set string) (estimate.Work, []int) {
		stages := foretold(t, tiny(t, set), dir, 1).Stages
		last := stages[len(stages)-1]
		return last.Work, last.Retention
	}
	large, l := at("retrain.budgets=[0.9]")
	second, _ := at("retrain.budgets=[0.8]")
	third, _ := at("retrain.budgets=[0.75]")
	small, s := at("retrain.budgets=[0.7]")
	got, keep := at("retrain.budgets=[0.7, 0.9, 0.75, 0.8]")
	if want := large.Epoch + (second.Epoch+third.Epoch)/2 + small.Epoch; math.Abs(got.Epoch/want-1) > 1e-12 || second.Epoch == third.Epoch || slices.Equal(l, s) || !slices.Equal(keep, l) {
		t.Errorf("an epoch is %v multiply-adds, want %v", got.Epoch, want)
	}
	epochs := float64(tiny(t).Retrain.Epochs)
	if want := 2 * (large.Stage + second.Stage + third.Stage + small.Stage - epochs*(second.Epoch+third.Epoch)/2); math.Abs(got.Stage/want-1) > 1e-12 {
		t.Errorf("the stage is %v multiply-adds, want %v", got.Stage, want)
	}
	got, _ = at("retrain.budgets=[0.7, 0.9]")
	if want := large.Epoch + small.Epoch; math.Abs(got.Epoch/want-1) > 1e-12 {
		t.Errorf("an epoch of two budgets is %v multiply-adds, want %v", got.Epoch, want)
	}
	_, near := at("retrain.budgets=[0.899]")
	if got, _ = at("retrain.budgets=[0.9, 0.899]"); math.Abs(got.Stage/(2*large.Stage)-1) > 1e-12 || !slices.Equal(l, near) {
		t.Errorf("two budgets of one list, %v and %v, take %v multiply-adds, want %v", l, near, got.Stage, 2*large.Stage)
	}
}

// What does not fit is not tried.
func TestEstimateWithoutMemory(t *testing.T) {
	got := foretold(t, tiny(t), empty(t), 1000)
	if got.Seconds != nil || got.Stages[0].Seconds != nil || !strings.HasPrefix(got.Note, "no times: to try a step takes 0.0 GiB of memory") {
		t.Errorf("with 1000 bytes of memory: times %v, %q", got.Seconds, got.Note)
	}
	if got.Stages[0].Memory.Low < 1000 {
		t.Errorf("memory is estimated as %+v", got.Stages[0].Memory)
	}
}

// A pretrained model is found and counted; a retention configuration that the
// experiment gives needs no search.
func TestEstimateOfAPretrainedModel(t *testing.T) {
	e := tiny(t, "retrain.retention=[20,7]")
	e.Model = pretrained(t, func(c *arch.Config) { c.IntermediateSize = 40 })
	got := foretold(t, e, empty(t), 1)
	loaded, err := model.Load[float32](e.Model, model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if want := len(loaded.Params.Arena()); got.Stages[0].Params != want {
		t.Errorf("%d parameters, the model has %d", got.Stages[0].Params, want)
	}
	first, last := got.Stages[0], got.Stages[1]
	if last.AtMost || !reflect.DeepEqual(last.Retention, []int{20, 7}) || last.Work.Example.Real >= first.Work.Example.Real {
		t.Errorf("retraining is estimated as %+v, fine-tuning as %+v", last, first)
	}
}

// An estimate is of a run that could begin.
func TestEstimateRefuses(t *testing.T) {
	e := tiny(t)
	e.Encoder.Heads = 3
	if _, err := NewEstimate(background, e, Options{}, 0); err == nil || !strings.Contains(err.Error(), "encoder makes no model") {
		t.Errorf("16 columns in 3 heads: %v", err)
	}
}

func foretold(t *testing.T, e *configs.Experiment, dir string, available uint64) *estimate.Estimate {
	t.Helper()
	got, err := NewEstimate(background, e, Options{Dir: dir}, available)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// heap is the bytes that something refers to, other than a pool.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// near wants a figure within a tenth.
func near(t *testing.T, what string, got, want int) {
	t.Helper()
	if math.Abs(float64(got-want)) > 0.1*float64(want) {
		t.Errorf("%s: %d were foretold, there are %d", what, got, want)
	}
}

// atEnd does something at the last step of every stage.
type atEnd struct {
	silent
	do func(stage string)
}

func (a atEnd) Report(p train.Progress) {
	if p.Step == p.Steps {
		a.do(p.Stage)
	}
}

// lastStep is the step of a stage's last evaluation.
func lastStep(t *testing.T, dir, stage string) int {
	t.Helper()
	all := evaluations(t, filepath.Join(dir, stage))
	return all[len(all)-1].Step
}

// The stages that are foretold are those that a run leaves: candidates have a say in the
// search only where they compete for a price.
func TestEstimatesTheStagesOfARun(t *testing.T) {
	for _, set := range [][]string{nil, {"search.candidates=[geometric]"}, {"search.target=0.5", "search.candidates=[geometric]"}, {"retrain.retention=[9, 2]"}} {
		e := tiny(t, set...)
		r := &run{Options: Options{Dir: empty(t)}.prepare(e), exp: e}
		task, err := loadTask(background, e, r.Options)
		if err != nil {
			t.Fatal(err)
		}
		foreseen, err := foreseeRun(r, task, nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range foreseen {
			names = append(names, s.name)
		}
		if !slices.Equal(names, e.Stages()) {
			t.Errorf("%v: foretells %v, a run leaves %v", set, names, e.Stages())
		}
	}
}
