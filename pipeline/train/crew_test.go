package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ranks"
	"github.com/powerbert/powerbert/internal/ranks/rankstest"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/optim"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/retention"
)

// learners are makers of one of each kind that a job must carry to other ranks.
var learners = map[string]func() Learner{
	"search": func() Learner {
		l := plainLearner()
		l.Soft = model.NewSoftExtract[float32](l.Config.NumHiddenLayers, sandwichN)
		l.Use.Elimination = retention.Elimination{Soft: true, Length: sandwichN, Lambda: 0.25}
		return l
	},
	"drawn positions": func() Learner {
		l := plainLearner()
		l.Use.Elimination = retention.Elimination{Keep: []int{7, 5, 2}, Length: sandwichN, Draw: retention.NewDraw([]int32{0, 3, 1, 2, 8, 7, 4, 5, 6})}
		return l
	},
	"bf16": func() Learner {
		l := plainLearner()
		l.Use.Precision = kernel.BF16
		return l
	},
	"budgets": func() Learner { return sandwiched(model.Distil{Hard: 1, Temperature: 2}) },
	"student": func() Learner {
		l, teacher := plainLearner(), model.NewParams[float32](plainLearner().Config)
		teacher.Init(2)
		l.Use.Distil, l.Use.Full = model.Distil{Hard: 0.3, Soft: 0.5, Temperature: 2, Last: 0.1, Patience: 0.1}, true
		l.Teacher = &Teacher{Config: l.Config, Frozen: teacher.Freeze(), Follows: []int{0, 1}}
		return l
	},
}

// plainLearner is one with dropout, of which no classifier drops.
func plainLearner() Learner {
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 3, 3, 20
	c.ClassifierDropout = new(float64)
	l := Learner{Config: c, Params: model.NewParams[float32](c), Use: model.Use{Train: true}}
	l.Params.Init(1)
	return l
}

// crewPlan has steps of several batches, of which some are too small for all workers.
var crewPlan = plan.Plan{Batch: 4, LR: 1e-3, LRr: 0.1, Eps: 1e-8, WeightDecay: 0.01, Clip: 0.5, LayerDecay: 0.9, Schedule: optim.Schedule{Total: 4}}

// threeSteps makes three steps of a learner, and returns their losses.
func threeSteps(s *Stepper, c *Crew) (losses []float64, err error) {
	w := &Work{Examples: Examples{Train: sevenSequences(sandwichN)}, Crew: c, steps: s, plan: crewPlan}
	for step, batch := range [][]int{{0, 1, 2, 3, 4, 5, 6}, {6, 2}, {5, 4, 3, 2, 1, 0}} {
		w.State.Step = step
		loss, err := w.gradients(batch)
		if err != nil {
			return nil, err
		}
		losses = append(losses, loss)
		if err := w.update(); err != nil {
			return nil, err
		}
	}
	if c != nil {
		err = errors.Join(c.compare(s), c.end(slog.New(slog.DiscardHandler)))
	}
	return losses, err
}

// byRanks makes these steps on so many ranks; tamper changes what a rank sees, where it is
// not nil.
func byRanks(t *testing.T, l Learner, size, workers int, tamper func(ranks.Peers) ranks.Peers) (losses []float64, errs []error) {
	t.Helper()
	errs = rankstest.Run(size, func(p ranks.Peers) (err error) {
		if tamper != nil {
			p = tamper(p)
		}
		if p.Rank() > 0 {
			return Follow(p)
		}
		s, err := NewStepper(l, crewPlan, workers, 0)
		if err != nil {
			return err
		}
		crew := NewCrew(p)
		crew.bucket = 700 // of thousands
		losses, err = threeSteps(s, crew)
		if left := crew.Dismiss(); err == nil && !left {
			err = errors.New("the crew was lost")
		}
		return err
	})
	return losses, errs
}

// Ranks come to the losses and weights of one process of as many workers, to rounding, and
// to the same bits every time: with dropout, r and its regulariser, a teacher, budgets, and
// batches that are too small for all of them.
func TestRanksComputeWhatWorkersDo(t *testing.T) {
	for name, make := range learners {
		for _, c := range []struct{ size, workers int }{{1, 2}, {2, 1}, {3, 1}, {2, 2}} {
			if testing.Short() && c.size != 3 {
				continue
			}
			one := make()
			s, err := NewStepper(one, crewPlan, c.size*c.workers, 0)
			if err != nil {
				t.Fatal(err)
			}
			want, err := threeSteps(s, nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			first := make()
			got, errs := byRanks(t, first, c.size, c.workers, nil)
			if err := errors.Join(errs...); err != nil {
				t.Fatalf("%s, %d ranks: %v", name, c.size, err)
			}
			what := fmt.Sprintf("%s, %d ranks of %d workers", name, c.size, c.workers)
			gradcheck.Close(t, what+": losses", got, want, 1e-6)
			gradcheck.Close(t, what+": weights", widened(nil, first.Params.Arena()), widened(nil, one.Params.Arena()), 1e-4)
			if one.Soft != nil {
				gradcheck.Close(t, what+": r", widened(nil, first.Soft.R), widened(nil, one.Soft.R), 1e-5)
			}
			again := make()
			if _, errs := byRanks(t, again, c.size, c.workers, nil); errors.Join(errs...) != nil || !slices.Equal(first.Params.Arena(), again.Params.Arena()) {
				t.Errorf("%s: other bits the second time (%v)", what, errs)
			}
		}
	}
}

// What rank 0 tells of a learner is all of it, pointers to 0 and private fields included.
func TestAJobCarriesTheLearner(t *testing.T) {
	for name, make := range learners {
		l := make()
		s, err := NewStepper(l, crewPlan, 2, 5)
		if err != nil {
			t.Fatal(err)
		}
		s.Remembers = true
		text, err := json.Marshal(jobOf(s))
		if err != nil {
			t.Fatal(err)
		}
		var j job
		if err := json.Unmarshal(text, &j); err != nil {
			t.Fatal(err)
		}
		if want := jobOf(s); !reflect.DeepEqual(j, want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", name, j, want)
		}
	}
}

// bent is a rank that adds differently from the others.
type bent struct{ ranks.Peers }

func (b bent) BeginAllReduce(x []float32) func() error {
	end := b.Peers.BeginAllReduce(x)
	return func() error {
		err := end()
		for i := range x {
			x[i] = math.Nextafter32(x[i], 9)
		}
		return err
	}
}

// Ranks whose weights have come apart are found, by their numbers.
func TestRanksThatComeApartAreNamed(t *testing.T) {
	_, errs := byRanks(t, plainLearner(), 3, 1, func(p ranks.Peers) ranks.Peers {
		if p.Rank() == 1 {
			return bent{p}
		}
		return p
	})
	if errs[0] == nil || !strings.HasPrefix(errs[0].Error(), "the weights of rank 1 are not those of rank 0") {
		t.Errorf("got %v", errs[0])
	}
}

// failing is a rank whose sums of floats fail from the second on.
type failing struct {
	ranks.Peers
	sums *int
}

func (f failing) BeginAllReduce(x []float32) func() error {
	if *f.sums++; *f.sums >= 2 {
		return func() error { return errors.New("out of order") }
	}
	return f.Peers.BeginAllReduce(x)
}

// A rank that fails in a step loses the crew, which nobody waits for any more.
func TestALostCrewIsNotWaitedFor(t *testing.T) {
	_, errs := byRanks(t, plainLearner(), 2, 1, func(p ranks.Peers) ranks.Peers {
		if p.Rank() == 1 {
			return failing{p, new(int)}
		}
		return p
	})
	if !errors.Is(errs[0], rankstest.ErrLeft) || errs[1] == nil || errs[1].Error() != "out of order" {
		t.Errorf("got %v", errs)
	}
	rankstest.Run(1, func(p ranks.Peers) error {
		c := &Crew{peers: p, lost: true}
		if err := c.tell(order{Do: doUpdate}); err == nil || !strings.HasPrefix(err.Error(), "the other ranks were lost") || c.Dismiss() {
			t.Errorf("a lost crew is told: %v", err)
		}
		return nil
	})
}

// goOn makes three steps more, of one worker a rank, from the state of an optimiser.
func goOn(p ranks.Peers, l Learner, from optim.State[float32]) error {
	if p.Rank() > 0 {
		return Follow(p)
	}
	s, err := NewStepper(l, crewPlan, 1, 0)
	if err != nil {
		return err
	}
	crew := NewCrew(p)
	if err := s.opt.SetState(from); err != nil {
		return err
	}
	_, err = threeSteps(s, crew)
	crew.Dismiss()
	return err
}

// A checkpoint's moments go along: steps after it come to what they would have.
func TestMomentsGoAlong(t *testing.T) {
	l, want := plainLearner(), plainLearner()
	for _, learner := range []Learner{l, want} {
		s, err := NewStepper(learner, crewPlan, 2, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := threeSteps(s, nil); err != nil {
			t.Fatal(err)
		}
		if learner.Params == want.Params {
			_, err = threeSteps(s, nil)
		} else {
			err = errors.Join(rankstest.Run(2, func(p ranks.Peers) error { return goOn(p, l, s.opt.State()) })...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	gradcheck.Close(t, "weights", widened(nil, l.Params.Arena()), widened(nil, want.Params.Arena()), 1e-5)
}
