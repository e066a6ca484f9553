package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

const sandwichN = 9 // N

// sandwiched is a learner of four budgets without dropout; learns is what the largest does.
func sandwiched(learns model.Distil) Learner {
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 3, 3, 20
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	c.Budgets = retention.Family{{Share: 0.8, Keep: []int{8, 7, 7}}, {Share: 0.6, Keep: []int{6, 5, 4}}, {Share: 0.5, Keep: []int{5, 4, 2}}, {Share: 0.3, Keep: []int{2, 1, 1}}}
	c.PowerRetention = &retention.Configuration{MaxLength: sandwichN, Ranks: retention.RanksAbsolute, Keep: c.Budgets[0].Keep}
	l := Learner{Config: c, Params: model.NewParams[float32](c), Use: model.Use{Train: true, Elimination: c.Elimination(), Distil: learns}}
	random := rand.New(rand.NewPCG(7, 7))
	for i := range l.Params.Arena() {
		l.Params.Arena()[i] = float32(0.3 * random.NormFloat64())
	}
	return l
}

// sandwich is the gradients of a step of a learner over seven sequences, and its loss.
func sandwich(t *testing.T, l Learner, workers, batch int, seed uint64) ([]float64, float64) {
	t.Helper()
	s, err := NewStepper(l, plan.Plan{Batch: batch, LR: 1e-3, Eps: 1e-8}, workers, 0)
	if err != nil {
		t.Fatal(err)
	}
	loss, err := s.Gradients(sevenSequences(sandwichN), predict.Between(0, 7), seed)
	if err != nil {
		t.Fatal(err)
	}
	return widened(nil, s.Grad.Theta), loss
}

// alone is one network of given counts over seven sequences that learns so, from logits
// that are given: its gradients, loss and logits.
func alone(t *testing.T, l Learner, keep []int, d model.Distil, teacher []float64) (grad []float64, loss float64, said []float64) {
	t.Helper()
	use := l.Use
	use.Keep, use.Distil = keep, d
	nets, err := predict.NewReplicas(1, l.Config, l.Params, nil, use)
	if err != nil {
		t.Fatal(err)
	}
	g, err := model.NewGradients(nets...)
	if err != nil {
		t.Fatal(err)
	}
	b := nets[0].Batch
	predict.Fill(b, sevenSequences(sandwichN), predict.Between(0, 7), 0)
	b.Weight, b.LabelWeight, b.Teacher = 1.0/7, 1.0/7, teacher
	if err := g.Run(1, false, nil); err != nil {
		t.Fatal(err)
	}
	return widened(nil, g.Theta), nets[0].TaskLoss(), widened(nil, model.Values[float32](nets[0].Logits))
}

// apart is the sandwich of a step, made of three networks: the largest learns the labels, and
// what a teacher says where it has a say; the others learn the logits of the largest.
func apart(t *testing.T, l Learner, seed uint64, teacher []float64, fixed []float64) (sum []float64, loss float64, said []float64) {
	t.Helper()
	sum, loss, said = alone(t, l, l.Config.Budgets[0].Keep, l.Use.Distil, teacher)
	if fixed == nil {
		fixed = said
	}
	for _, keep := range l.followers(seed) {
		grad, more, _ := alone(t, l, keep, model.Distil{Soft: 1, Temperature: l.Use.Distil.Temperature}, fixed)
		for i, v := range grad {
			sum[i] += v
		}
		loss += more
	}
	return sum, loss, said
}

// A step's gradient is the sum of those of three networks, however it is dealt out: whether
// the largest learns from labels alone, or from a teacher, too.
func TestSandwichIsThreeNetworks(t *testing.T) {
	const seed = 3
	for _, learns := range []model.Distil{{Hard: 1, Temperature: 2}, {Hard: 0.4, Soft: 0.6, Temperature: 2}} {
		l := sandwiched(learns)
		var teacher []float64
		if learns.Soft > 0 {
			teacher = said(t, &l)
		}
		want, loss, _ := apart(t, l, seed, teacher, nil)
		for _, workers := range []int{1, 3} {
			for _, batch := range []int{7, 2} {
				got, ours := sandwich(t, l, workers, batch, seed)
				what := fmt.Sprintf("%+v, %d workers, batches of %d", learns, workers, batch)
				gradcheck.Close(t, what+": gradient", got, want, 2e-6)
				gradcheck.Close(t, what+": loss", []float64{ours}, []float64{loss}, 1e-6)
			}
		}
		if _, other := sandwich(t, l, 1, 7, seed+1); other == loss {
			t.Error("another seed draws the same budget between")
		}
	}
}

// said gives a learner a teacher of other weights, and returns what that says of seven
// sequences.
func said(t *testing.T, l *Learner) []float64 {
	t.Helper()
	c := l.Config.Clone()
	c.PowerRetention, c.Budgets = nil, nil
	p := model.NewParams[float32](c)
	copy(p.Arena(), l.Params.Arena())
	slices.Reverse(p.Arena())
	l.Teacher = (&Teacher{Config: c, Params: p}).Apart()
	nets, err := predict.NewReplicas(1, c, l.Teacher.Frozen, nil, model.Use{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := predict.Run{Nets: nets}.Outputs(t.Context(), sevenSequences(sandwichN))
	if err != nil {
		t.Fatal(err)
	}
	var list []float64
	for _, row := range out.Logits {
		list = widened(list, row)
	}
	return list
}

// The gradient is the slope of the sum of the three losses, with the logits that the smaller
// ones learn held where they are: along its own direction, by central differences.
func TestSandwichIsTheSlopeOfItsLoss(t *testing.T) {
	const seed, step = 3, 2e-3
	l := sandwiched(model.Distil{Hard: 1, Temperature: 2})
	grad, _ := sandwich(t, l, 2, 3, seed)
	_, _, fixed := apart(t, l, seed, nil, nil)
	norm := 0.0
	for _, g := range grad {
		norm += g * g
	}
	norm = math.Sqrt(norm)
	at, weights := func(distance float64) float64 {
		for i, g := range grad {
			l.Params.Arena()[i] += float32(distance * g / norm)
		}
		_, loss, _ := apart(t, l, seed, nil, fixed)
		return loss
	}, slices.Clone(l.Params.Arena())
	up := at(step)
	copy(l.Params.Arena(), weights)
	down := at(-step)
	gradcheck.Close(t, "slope", []float64{(up - down) / (2 * step)}, []float64{norm}, 2e-3)
}

// The smallest budget follows in every step, and of those between one that the seed alone
// draws, each as often; a list that two budgets share counts once.
func TestFollowers(t *testing.T) {
	l := sandwiched(model.Distil{Hard: 1, Temperature: 2})
	drawn := map[int]int{}
	for seed := range uint64(400) {
		list := l.followers(seed)
		if len(list) != 2 || !slices.Equal(list[0], []int{2, 1, 1}) || !slices.Equal(list[1], l.followers(seed)[1]) {
			t.Fatalf("seed %d: %v", seed, list)
		}
		drawn[list[1][0]]++
	}
	if len(drawn) != 2 || drawn[6]+drawn[5] != 400 || drawn[6] < 160 || drawn[5] < 160 {
		t.Errorf("by what the first encoder keeps, these are drawn: %v", drawn)
	}
	whole := l.Config.Budgets
	for _, c := range []struct {
		budgets retention.Family
		want    [][]int
	}{
		{retention.Family{whole[0], whole[0], whole[3]}, [][]int{{2, 1, 1}}},
		{retention.Family{whole[0], whole[2], whole[2], whole[3]}, [][]int{{2, 1, 1}, {5, 4, 2}}},
		{retention.Family{whole[0], whole[0]}, nil},
		{whole[:1], nil},
	} {
		if l.Config.Budgets = c.budgets; !reflect.DeepEqual(l.followers(1), c.want) || l.shares() != (len(c.budgets) > 1) {
			t.Errorf("of %v these follow: %v, want %v", c.budgets, l.followers(1), c.want)
		}
	}
}

// Those that follow draw other dropout than the largest, and than one another.
func TestFollowersDropOut(t *testing.T) {
	l := sandwiched(model.Distil{Hard: 1, Temperature: 2})
	s, err := NewStepper(l, plan.Plan{Batch: 7, LR: 1e-3, Eps: 1e-8}, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Gradients(sevenSequences(sandwichN), predict.Between(0, 7), 3); err != nil {
		t.Fatal(err)
	}
	seeds := []uint64{s.nets[0].Batch.Seed}
	if _, err := follow(s.nets, l.followers(3), func(bool) (float64, error) {
		seeds = append(seeds, s.nets[0].Batch.Seed)
		return 0, nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(seeds) != 3 || seeds[0] == seeds[1] || seeds[0] == seeds[2] || seeds[1] == seeds[2] {
		t.Errorf("the largest and its followers draw by %x", seeds)
	}
}

// Every budget is scored as a network of its counts, once where two have the same, and the
// choice goes by the means.
func TestScoresOfBudgets(t *testing.T) {
	l := sandwiched(model.Distil{Hard: 1, Temperature: 2})
	l.Config.Budgets[2].Keep = l.Config.Budgets[1].Keep
	x := Examples{Dev: sevenSequences(sandwichN), Metric: "accuracy"}
	w := &Work{Learner: l, Examples: x, Workers: 2}
	if err := w.Begin(plan.Plan{Batch: 7, Accumulate: 1, Train: 7, LR: 1e-3, Eps: 1e-8}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		passes := 0
		s, err := w.measure(predict.Watch(t.Context(), func(p predict.Pass) { passes += p.Done / p.Of }))
		if err != nil || passes != 3 {
			t.Fatalf("%d passes for four budgets, want 3 (%v)", passes, err)
		}
		value, loss := 0.0, 0.0
		for i, b := range l.Config.Budgets {
			want := scoreAt(t, l, b.Keep, x)
			if s.Budgets[i].Loss != want.Loss || s.Budgets[i].Value != want.Value {
				t.Errorf("at %g it scores %+v, want %+v", b.Share, s.Budgets[i], want)
			}
			value, loss = value+want.Value/4, loss+want.Loss/4
		}
		gradcheck.Close(t, "means", []float64{s.Value, s.Loss}, []float64{value, loss}, 1e-12)
		if line := w.evaluationLine(s); len(line.Budgets) != 4 || line.Budgets[2] != s.Budgets[2].Value {
			t.Errorf("the log says %v", line.Budgets)
		}
	}
}

// scoreAt is what a network of one list scores.
func scoreAt(t *testing.T, l Learner, keep []int, x Examples) Score {
	t.Helper()
	use := model.Use{Elimination: l.Use.Elimination}
	use.Keep, l.Config.Budgets = keep, nil
	nets, err := predict.NewReplicas(1, l.Config, l.Params, nil, use)
	if err != nil {
		t.Fatal(err)
	}
	s, err := x.Reported(t.Context(), nets)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Labels by themselves have the thresholds of the largest budget at every budget, and what is
// scored beside the means is the largest's.
func TestThresholdsOfBudgets(t *testing.T) {
	l := sandwiched(model.Distil{Hard: 1, Temperature: 2})
	l.Config.SetProblem(problem.MultiLabel, []string{"x", "y"})
	x := Examples{Dev: sevenSequences(sandwichN), Metric: "micro_f1"}
	for i := range x.Dev {
		x.Dev[i].Targets = []float64{float64(i % 2), float64(i / 4)}
	}
	w := &Work{Learner: l, Examples: x, Workers: 2}
	if err := w.Begin(plan.Plan{Batch: 7, Accumulate: 1, Train: 7, LR: 1e-3, Eps: 1e-8}); err != nil {
		t.Fatal(err)
	}
	s, err := w.measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var tuned, beside bool // they make a difference
	for i, b := range l.Config.Budgets {
		l.Config.Thresholds = w.Config.Thresholds
		want := scoreAt(t, l, b.Keep, x)
		if s.Budgets[i].Value != want.Value {
			t.Errorf("at %g it scores %v, want %v", b.Share, s.Budgets[i].Value, want.Value)
		}
		same := reflect.DeepEqual(s.Also, want.Also)
		if i == 0 && !same {
			t.Errorf("beside it are %v, want %v", s.Also, want.Also)
		}
		l.Config.Thresholds = nil
		tuned, beside = tuned || i > 0 && scoreAt(t, l, b.Keep, x).Value != want.Value, beside || !same
	}
	if !tuned || !beside {
		t.Errorf("thresholds make a difference to smaller budgets: %v, budgets to what is beside: %v", tuned, beside)
	}
}
