package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/powerbert/powerbert/data"
)

// What goes wrong anywhere ends the run as that error.
func TestRunReportsErrors(t *testing.T) {
	broken := errors.New("broken")
	fails := func() error { return broken }
	for name, test := range map[string]struct {
		set  func(w *Work, r *recorder)
		want string
	}{
		"step":            {func(w *Work, _ *recorder) { w.Examples.Train[3].IDs[1] = 50 }, "model: token id 50, type 0 lies outside the vocabulary of 50 and 2 types"},
		"dev set":         {func(w *Work, _ *recorder) { w.Examples.Dev = []data.Encoded{{IDs: []int32{50}, Types: []int32{0}}} }, "model: token id 50, type 0 lies outside the vocabulary of 50 and 2 types"},
		"line":            {func(_ *Work, r *recorder) { r.onStep = fails }, "broken"},
		"evaluation line": {func(_ *Work, r *recorder) { r.onEvaluation = fails }, "broken"},
		"keep":            {func(_ *Work, r *recorder) { r.onKeep = fails }, "broken"},
		"checkpoint":      {func(_ *Work, r *recorder) { r.onCheckpoint = failsAt(4, broken) }, "checkpoint at step 4: broken; there is no earlier checkpoint"},
		"due checkpoint": {func(w *Work, r *recorder) { w.SaveIn, r.onCheckpoint = 1, failsAt(2, broken) },
			"checkpoint at step 2: broken; the checkpoint of step 1 is kept"},
	} {
		w, r := begun(t, eightSteps(1e-2), false), &recorder{}
		w.Examples.Train = sevenSequences(longest)
		test.set(w, r)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // for a run that never ends
		defer cancel()
		if err := Run(ctx, w, r, r); err == nil || err.Error() != test.want {
			t.Errorf("%s: error %v, want %s", name, err, test.want)
		}
	}
}

// failsAt is a checkpoint that fails at a step.
func failsAt(step int, err error) func(*Work) error {
	return func(w *Work) error {
		if w.State.Step == step {
			return err
		}
		return nil
	}
}

// A run that is stopped saves what can be gone on from, or says that it could not; a dry
// run saves nothing.
func TestInterruptedRunsSave(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, test := range map[string]struct {
		short int
		fails error
		want  string
		saved []int
	}{
		"stage":            {0, nil, "interrupted", []int{0}},
		"dry run":          {2, nil, "interrupted", nil},
		"no place to save": {0, errors.New("disk full"), "checkpoint at step 0: disk full; there is no earlier checkpoint", []int{0}},
	} {
		w, r := begun(t, eightSteps(1e-2).Short(test.short), false), &recorder{onCheckpoint: func(*Work) error { return test.fails }}
		if err := Run(stopped, w, r); err == nil || err.Error() != test.want || !slices.Equal(r.saved, test.saved) {
			t.Errorf("%s: error %v after checkpoints %v, want %s after %v", name, err, r.saved, test.want, test.saved)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	w, r := begun(t, eightSteps(1e-2), false), &recorder{}
	r.onEvaluation = func() error { cancel(); return ctx.Err() }
	if err := Run(ctx, w, r, r); !errors.Is(err, ErrInterrupted) || !slices.Equal(r.saved, []int{4}) {
		t.Errorf("stopped in an evaluation: %v, saved %v, want step 4", err, r.saved)
	}
}

// A loss, a gradient or a dev loss that is not finite ends the run, and the error says
// where it was first so and what is kept.
func TestRunReportsDivergence(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, test := range map[string]struct {
		set  func(w *Work, r *recorder)
		want DivergedError
	}{
		"loss": {func(w *Work, _ *recorder) { w.Params.Slice("classifier.bias")[0] = nan },
			DivergedError{What: "loss", Value: math.NaN(), Step: 1, Epoch: 0.25, Where: "logits", Kept: "there is no earlier checkpoint"}},
		"gradient norm": {func(w *Work, r *recorder) {
			w.SaveIn = 2
			r.onCheckpoint = func(w *Work) error { w.steps.Grad.Theta[7] = nan; return nil }
		}, DivergedError{What: "gradient norm", Value: math.NaN(), Step: 3, Epoch: 0.75, Where: "the backward pass", Kept: "the checkpoint of step 2 is kept"}},
		"dev loss": {func(w *Work, r *recorder) {
			w.Report = func(p Progress) {
				if p.Step == 4 {
					w.Params.Slice("bert.encoder.layer.1.output.dense.bias")[2] = nan
				}
			}
		}, DivergedError{What: "dev loss", Value: math.NaN(), Step: 4, Epoch: 1, Where: "output of encoder 2", Kept: "there is no earlier checkpoint"}},
		"infinite loss": {func(w *Work, _ *recorder) { w.Params.Slice("classifier.bias")[1] = -inf },
			DivergedError{What: "loss", Value: math.Inf(1), Step: 1, Epoch: 0.25, Where: "logits", Kept: "there is no earlier checkpoint"}},
		"infinite dev loss": {func(w *Work, r *recorder) {
			w.Report = func(p Progress) {
				if p.Step == 4 {
					w.Params.Slice("classifier.bias")[1] = -inf
				}
			}
		}, DivergedError{What: "dev loss", Value: math.Inf(1), Step: 4, Epoch: 1, Where: "logits", Kept: "there is no earlier checkpoint"}},
	} {
		w, r := begun(t, eightSteps(1e-2), false), &recorder{}
		test.set(w, r)
		var got *DivergedError
		if err := Run(t.Context(), w, r, r); !errors.As(err, &got) {
			t.Errorf("%s: error %v, want a divergence", name, err)
			continue
		}
		want := test.want
		want.Section = "search"
		if fmt.Sprint(*got) != fmt.Sprint(want) { // NaN equals nothing
			t.Errorf("%s: %+v, want %+v", name, *got, want)
		}
	}
}
