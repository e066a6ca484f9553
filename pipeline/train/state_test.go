package train

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A run that goes on from any checkpoint comes to the same bits: of weights, r and
// moments, also where the model grows.
func TestRunGoesOnToTheSameBits(t *testing.T) {
	for name, test := range map[string]struct {
		soft   bool
		growth plan.Growth
	}{"search": {soft: true}, "dropout": {}, "growing": {growth: plan.Growth{Encoders: []int{2, 4, 5}, Share: 0.3}}} {
		p := eightSteps(1e-2)
		p.Growth = test.growth
		fresh := func() (*Work, *recorder) {
			w := begun(t, p, test.soft)
			w.SaveIn = 3
			return w, &recorder{}
		}
		whole, first := fresh()
		if err := Run(t.Context(), whole, first, first); err != nil {
			t.Fatal(err)
		}
		for i, state := range first.states[:3] {
			w, r := fresh()
			if err := w.Restore(state, first.tensors[i]); err != nil {
				t.Fatal(err)
			}
			if kept := fmt.Sprintf("the checkpoint of step %d is kept", state.Step); w.Kept() != kept {
				t.Errorf("%s: %s, want %s", name, w.Kept(), kept)
			}
			if err := Run(t.Context(), w, r, r); err != nil {
				t.Fatal(err)
			}
			last, again := first.tensors[3], r.tensors[len(r.tensors)-1]
			for k, tensor := range again {
				if tensor.Name != last[k].Name || !slices.Equal(tensor.Data.([]float32), last[k].Data.([]float32)) {
					t.Errorf("%s: %s differs after going on from step %d", name, tensor.Name, state.Step)
				}
			}
			if !slices.EqualFunc(r.lines, first.lines[len(first.lines)-len(r.lines):], sameLine) {
				t.Errorf("%s: lines %+v after step %d, want the last of %+v", name, r.lines, state.Step, first.lines)
			}
		}
	}
}

// sameLine compares all but the speed.
func sameLine(a, b rundir.StepLine) bool {
	return a.Step == b.Step && a.Loss == b.Loss && a.GradNorm == b.GradNorm && slices.Equal(a.Mass, b.Mass)
}

// A checkpoint holds r where there is one, and two moments of every parameter.
func TestTensorsHaveRAndMoments(t *testing.T) {
	for _, soft := range []bool{false, true} {
		w := begun(t, eightSteps(1e-2), soft)
		var names []string
		for _, tensor := range w.Tensors() {
			names = append(names, tensor.Name)
		}
		want := 1 + 2*len(w.Params.Tensors())
		if soft {
			want += 3
		}
		if len(names) != want || slices.Contains(names, "r") != soft || slices.Contains(names, "soft_extract.r.v") != soft || names[0] != "theta" {
			t.Errorf("soft %v: %d tensors, want %d: %v", soft, len(names), want, names)
		}
		short := w.Tensors()
		short[0].Data = short[0].Data.([]float32)[1:]
		if err := w.Restore(w.State, short); err == nil || !strings.HasPrefix(err.Error(), `tensor "theta" holds`) {
			t.Errorf("weights that are one too few: %v", err)
		}
	}
}

// A model that has its encoders already is left as it is.
func TestGrowLeavesWhatIsGrown(t *testing.T) {
	w := begun(t, eightSteps(1e-2), false)
	before := w.steps
	if err := w.grow(2); err != nil || w.steps != before {
		t.Errorf("error %v, or networks made anew", err)
	}
}

// The time of a stage that goes on counts from its beginning.
func TestSecondsAddUp(t *testing.T) {
	w := &Work{State: State{Seconds: 100}, meter: meter{since: time.Now().Add(-time.Minute)}}
	if s := w.Seconds(); s < 160 || s > 1000 {
		t.Errorf("%v seconds after 100 and 60", s)
	}
}

// A state is refused that is not of the plan on its data.
func TestStateCheck(t *testing.T) {
	p := eightSteps(1)
	p.Growth.Encoders = []int{3, 6}
	good := State{Stage: "search", Data: "seven", Step: 8, Encoders: 3}
	for name, test := range map[string]struct {
		change func(s *State)
		want   string
	}{
		"good":               {func(*State) {}, ""},
		"at the beginning":   {func(s *State) { s.Step = 0 }, ""},
		"of no encoders":     {func(s *State) { s.Encoders = 0 }, ""},
		"of all encoders":    {func(s *State) { s.Encoders = 7 }, ""},
		"of another stage":   {func(s *State) { s.Stage = "retrain" }, `state.json is of stage "retrain", step 8, want search, step 0 to 8`},
		"before the first":   {func(s *State) { s.Step = -1 }, `state.json is of stage "search", step -1, want search, step 0 to 8`},
		"after the last":     {func(s *State) { s.Step = 9 }, `state.json is of stage "search", step 9, want search, step 0 to 8`},
		"of other data":      {func(s *State) { s.Data = "eight" }, "the data have changed since it was made: put them back as they were"},
		"of other encoders":  {func(s *State) { s.Encoders = 5 }, "state.json is of 5 encoders, want 7"},
		"of as many as none": {func(s *State) { s.Encoders = 1 }, "state.json is of 1 encoders, want 7"},
	} {
		s := good
		test.change(&s)
		err := s.Check(p, "seven", 7)
		if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
