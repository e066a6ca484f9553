package train

import (
	"fmt"
	"log/slog"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/optim"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/retention"
)

// longest is the most tokens of sevenSequences in the tests of the loop, and lambda λ.
const longest, lambda = 9, 0.25

// eightSteps is a plan of two epochs of four steps, the last of one example.
func eightSteps(lr float64) plan.Plan {
	return plan.Plan{Stage: "search", Section: "search", Seed: 5, Train: 7, Dev: 7, Batch: 1, Accumulate: 2, Epochs: 2,
		LR: lr, LRr: 2 * lr, Eps: 1e-8, Schedule: optim.Schedule{Total: 8, Warmup: 3}, Keep: plan.KeepBest}
}

// begun is work that follows a plan, with nothing learned yet: of a search, or with
// dropout and without r, a line every three steps.
func begun(t *testing.T, p plan.Plan, soft bool) *Work {
	t.Helper()
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 2, 3, 20
	l := Learner{Config: c, Params: model.NewParams[float32](c), Use: model.Use{Train: true}}
	if soft {
		l.Config.HiddenDropoutProb, l.Config.AttentionProbsDropoutProb = 0, 0
		l.Soft = model.NewSoftExtract[float32](c.NumHiddenLayers, longest)
		l.Use.Elimination = retention.Elimination{Soft: true, Length: longest, Lambda: lambda}
	}
	l.Params.Init(1)
	all := sevenSequences(longest)
	w := &Work{Learner: l, Examples: Examples{Train: all, Dev: all, Metric: "accuracy", Digest: "seven"},
		Workers: 2, LogEvery: 3, Log: slog.New(slog.DiscardHandler)}
	if err := w.Begin(p); err != nil {
		t.Fatal(err)
	}
	return w
}

// A recorder is a Store and a Sink that remembers what it is told, and does something
// more where that is given.
type recorder struct {
	lines       []rundir.StepLine
	evaluations []rundir.EvaluationLine
	kept, saved []int // steps
	states      []State
	tensors     [][]model.NamedTensor // of each checkpoint

	onStep, onEvaluation, onKeep func() error
	onCheckpoint                 func(w *Work) error
}

func (r *recorder) Step(line rundir.StepLine) error {
	r.lines = append(r.lines, line)
	return do(r.onStep)
}

func (r *recorder) Evaluation(line rundir.EvaluationLine) error {
	r.evaluations = append(r.evaluations, line)
	return do(r.onEvaluation)
}

func (r *recorder) Keep(w *Work) error {
	r.kept = append(r.kept, w.State.Step)
	return do(r.onKeep)
}

func do(f func() error) error {
	if f == nil {
		return nil
	}
	return f()
}

func (r *recorder) Checkpoint(w *Work) error {
	r.saved = append(r.saved, w.State.Step)
	state := w.State
	state.Encoders = w.Config.NumHiddenLayers
	var copies []model.NamedTensor
	for _, t := range w.Tensors() {
		copies = append(copies, model.NamedTensor{Name: t.Name, Shape: t.Shape, Data: slices.Clone(t.Data.([]float32))})
	}
	r.states, r.tensors = append(r.states, state), append(r.tensors, copies)
	if r.onCheckpoint == nil {
		return nil
	}
	return r.onCheckpoint(w)
}

// losses are the cross-entropy of each example by itself, as the networks score it.
func losses(t *testing.T, w *Work) (list []float64) {
	t.Helper()
	for _, e := range w.Examples.Train {
		out, err := predict.Run{Nets: w.evals}.Outputs(t.Context(), []data.Encoded{e})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, out.Loss())
	}
	return list
}

// A line averages the steps since the line before, the last of all those of both. A rate
// too small to move a weight leaves each step the loss of its examples.
func TestLinesAverageTheirSteps(t *testing.T) {
	p, r := eightSteps(1e-30), &recorder{}
	w := begun(t, p, true)
	each := losses(t, w)
	if err := Run(t.Context(), w, r, r); err != nil {
		t.Fatal(err)
	}
	var steps []float64
	for batches, s := p.Batches(), 0; s < 8; s++ {
		sum := 0.0
		for _, i := range batches.At(s) {
			sum += each[i]
		}
		steps = append(steps, sum/float64(len(batches.At(s))))
	}
	const penalty = lambda * (1 + 2) * longest // of r = 1: λ·Σ j·N
	for i, want := range []struct{ from, to int }{{0, 3}, {3, 6}, {3, 8}} {
		line, task := r.lines[i], 0.0
		for _, v := range steps[want.from:want.to] {
			task += v / float64(want.to-want.from)
		}
		gradcheck.Close(t, fmt.Sprint("line ", i), []float64{line.TaskLoss, line.Regulariser, line.Loss, line.Mass[0], line.Mass[1]},
			[]float64{task, penalty, task + penalty, longest, longest}, 1e-5)
		factor := p.Schedule.At(want.to - 1)
		if line.Stage != "search" || line.Step != want.to || line.Epoch != float64(want.to)/4 || line.LR != 1e-30*factor || line.LRr != 2e-30*factor ||
			line.GradNorm <= 0 || line.ExamplesPerSecond <= 0 {
			t.Errorf("line %d is %+v", i, line)
		}
	}
	if len(r.lines) != 3 {
		t.Errorf("%d lines, want 3", len(r.lines))
	}
}

// An evaluation follows each epoch and a checkpoint each evaluation; another is due every
// SaveIn steps. Of equal scores the best is the first. Progress is shown after each of them.
func TestRunEvaluatesKeepsAndSaves(t *testing.T) {
	for keep, want := range map[plan.Keep][]int{plan.KeepBest: {4}, plan.KeepLast: {4, 8}} {
		p, r := eightSteps(1e-30), &recorder{}
		p.Keep = keep
		w := begun(t, p, false)
		w.SaveIn = 3
		var shown []Progress
		w.Report = func(p Progress) { shown = append(shown, p) }
		if err := Run(t.Context(), w, r, r); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.kept, want) || !slices.Equal(r.saved, []int{3, 4, 6, 8}) || w.State.BestEpoch != len(want) {
			t.Errorf("keep %d: kept %v, epoch %d, want %v; saved %v, want 3 4 6 8", keep, r.kept, w.State.BestEpoch, want, r.saved)
		}
		for i, line := range r.evaluations {
			if line.Step != 4*(i+1) || line.Epoch != float64(i+1) || line.Tokens != 42*(i+1) || !line.Eval || line.Metric != "accuracy" || line.Dev != w.State.Best ||
				math.Abs(line.DevLoss-w.State.BestLoss) > 1e-12 {
				t.Errorf("evaluation %d is %+v", i, line)
			}
		}
		s := w.State
		if len(r.evaluations) != 2 || s.Examples != 14 || w.meter.examples != 14 || s.Tokens != 84 || s.Step != 8 || s.Evaluated != 8 {
			t.Errorf("%d evaluations, state %+v", len(r.evaluations), s)
		}
		sawProgress(t, w, r, shown)
	}
}

// sawProgress wants ten reports: of eight steps, and of the evaluations behind the fourth
// and the last; beside them two of what these have read.
func sawProgress(t *testing.T, w *Work, r *recorder, shown []Progress) {
	t.Helper()
	texts, read := len(w.Examples.Chooses()), 0
	shown = slices.DeleteFunc(slices.Clone(shown), func(p Progress) bool {
		if p.Reading == "evaluation" && p.Stage == "search" && p.Step == texts && p.Steps == texts && p.ExamplesPerSecond > 0 && p.Remaining == 0 {
			read++
		}
		return p.Reading != ""
	})
	if read != 2 {
		t.Errorf("%d reports of evaluations, want 2", read)
	}
	steps := []int{1, 2, 3, 4, 4, 5, 6, 7, 8, 8}
	epochs := []int{1, 1, 1, 2, 2, 2, 2, 2, 2, 2}
	evaluated := []int{0, 0, 0, 0, 4, 4, 4, 4, 4, 8}
	if len(shown) != len(steps) {
		t.Fatalf("%d reports, want %d", len(shown), len(steps))
	}
	for i, p := range shown {
		if p.Stage != "search" || p.Step != steps[i] || p.Steps != 8 || p.Epoch != epochs[i] || p.Epochs != 2 || p.Evaluated != evaluated[i] ||
			(p.MetricName == "accuracy") != (evaluated[i] > 0) || p.ExamplesPerSecond <= 0 || (p.Remaining > 0) != (p.Step < 8) {
			t.Errorf("report %d is %+v", i, p)
		}
		if evaluated[i] > 0 && p.Metric != w.State.Best {
			t.Errorf("report %d has a score of %v, want %v", i, p.Metric, w.State.Best)
		}
		if p.Step >= 3 && p.Step < 6 && p.Loss != r.lines[0].Loss {
			t.Errorf("report %d has the loss %v, want the first line's %v", i, p.Loss, r.lines[0].Loss)
		}
		if p.Step < 3 && (p.Loss < 0.5 || p.Loss > 1) { // of the steps so far: about ln 2
			t.Errorf("report %d has the loss %v before the first line", i, p.Loss)
		}
	}
}

// The first evaluation's model is kept even of a score of nothing, and its epoch is the one
// under way.
func TestFirstOfNothingIsKept(t *testing.T) {
	p, r := eightSteps(1e-30), &recorder{}
	p.Every = 3
	w := begun(t, p, false)
	w.Examples.Metric = "matthews" // of a model that says one label of all
	if err := Run(t.Context(), w, r, r); err != nil {
		t.Fatal(err)
	}
	if len(r.evaluations) != 3 || r.evaluations[0].Dev != 0 || !slices.Equal(r.kept, []int{3}) || w.State.BestEpoch != 1 {
		t.Errorf("scores %+v, kept %v of epoch %d; want three of 0, step 3 of epoch 1", r.evaluations, r.kept, w.State.BestEpoch)
	}
}

// A model grows before the step at which the plan wants it larger, and not one earlier.
func TestRunGrows(t *testing.T) {
	p, r := eightSteps(1e-3), &recorder{}
	p.Growth = plan.Growth{Encoders: []int{2, 3}, Share: 0.5}
	w := begun(t, p, false)
	w.SaveIn = 1
	if err := Run(t.Context(), w, r, r); err != nil {
		t.Fatal(err)
	}
	for i, s := range r.states {
		if want := 2 + min(r.saved[i]/5, 1); s.Encoders != want {
			t.Errorf("the checkpoint of step %d has %d encoders, want %d", r.saved[i], s.Encoders, want)
		}
	}
	if !slices.Equal(r.saved, []int{1, 2, 3, 4, 5, 6, 7, 8}) || w.Config.NumHiddenLayers != 3 {
		t.Errorf("saved at %v, with %d encoders in the end", r.saved, w.Config.NumHiddenLayers)
	}
}

// What is left is the examples of the steps to come, all their batches, at the rate.
func TestLeft(t *testing.T) {
	w := Work{plan: eightSteps(1), State: State{Step: 3}}
	for rate, want := range map[float64]time.Duration{0: 0, 2: 5 * time.Second, 20: time.Second / 2} {
		if got := w.left(rate); got != want {
			t.Errorf("%g examples a second: %v left, want %v", rate, got, want)
		}
	}
}

// Without rows held out to choose by, evaluations score the second dev set, too.
func TestSecondDevSetIsScored(t *testing.T) {
	all := sevenSequences(longest)
	for _, heldOut := range [][]data.Encoded{nil, all[:3]} {
		w := begun(t, eightSteps(1), false)
		w.Examples.HeldOut, w.Examples.Also, w.Examples.AlsoName = heldOut, all[3:], "others"
		s, err := w.measure(t.Context())
		if _, scored := s.Also["accuracy on others"]; err != nil || scored != (heldOut == nil) {
			t.Errorf("%d rows held out: beside it are %v (%v)", len(heldOut), s.Also, err)
		}
	}
}

// Masked-language modelling is scored by the perplexity: that of weights which are all zero
// is the size of the vocabulary.
func TestPerplexity(t *testing.T) {
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 1, 3, 20
	if err := c.SetMaskedLM(); err != nil {
		t.Fatal(err)
	}
	w := &Work{Learner: Learner{Config: c, Params: model.NewParams[float32](c), Masking: &data.Masking{Share: 0.3, Mask: 4, Special: make([]bool, 50)}},
		Examples: Examples{Dev: sevenSequences(longest)}, Workers: 2}
	if err := w.Begin(eightSteps(1)); err != nil {
		t.Fatal(err)
	}
	s, err := w.measure(t.Context())
	if err != nil || math.Abs(s.Value-50) > 1e-3 || math.Abs(s.Loss-math.Log(50)) > 1e-5 {
		t.Errorf("perplexity %v of loss %v, want 50 of ln 50 (%v)", s.Value, s.Loss, err)
	}
}
