package plan

import (
	"math"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/optim"
)

func TestSteps(t *testing.T) {
	p := Plan{Train: 23, Batch: 4, Accumulate: 2, Epochs: 3}
	if p.PerStep() != 8 || p.StepsPerEpoch() != 3 || p.Total() != 9 || p.Last() != 9 || p.Short(5).Last() != 5 || p.Short(50).Last() != 9 {
		t.Errorf("%d examples a step, %d steps an epoch, %d in all, %d of a dry run", p.PerStep(), p.StepsPerEpoch(), p.Total(), p.Short(5).Last())
	}
	if got := p.Epoch(4); math.Abs(got-4.0/3) > 1e-15 {
		t.Errorf("step 4 is epoch %v, want 4/3", got)
	}
	var due []int
	for step := range 10 {
		if p.EvaluatesAt(step) {
			due = append(due, step)
		}
	}
	if !slices.Equal(due, []int{3, 6, 9}) {
		t.Errorf("evaluates at %v, want at the ends of the epochs", due)
	}
	for _, c := range []struct{ every, from, to, want int }{{0, 0, 9, 3}, {0, 3, 9, 2}, {0, 0, 2, 0}, {4, 0, 9, 3}, {4, 0, 8, 2}, {2, 5, 9, 3}} {
		q := p
		q.Every = c.every
		n := 0
		for step := c.from + 1; step <= c.to; step++ {
			if q.EvaluatesAt(step) {
				n++
			}
		}
		if got := q.Evaluations(c.from, c.to); got != n || n != c.want {
			t.Errorf("every %d, from %d to %d: %d evaluations, counted %d, want %d", c.every, c.from, c.to, got, n, c.want)
		}
	}
}

// Every epoch takes every example once, in an order of its own.
func TestBatches(t *testing.T) {
	p := Plan{Train: 23, Batch: 4, Accumulate: 2, Epochs: 2, Seed: 7}
	b := p.Batches()
	var epochs [2][]int
	for step := range p.Total() {
		epochs[step/3] = append(epochs[step/3], b.At(step)...)
	}
	for _, order := range epochs {
		sorted := slices.Sorted(slices.Values(order))
		for i := range sorted {
			if sorted[i] != i || len(sorted) != 23 {
				t.Fatalf("an epoch takes the examples %v", sorted)
			}
		}
	}
	if slices.Equal(epochs[0], epochs[1]) {
		t.Error("both epochs have one order")
	}
	if again := p.Batches().At(4); !slices.Equal(again, epochs[1][8:16]) {
		t.Errorf("step 4 by itself takes %v, want %v", again, epochs[1][8:16])
	}
}

// The best is the first of equals; the last is kept whatever it scores.
func TestKeep(t *testing.T) {
	for _, c := range []struct {
		keep        Keep
		value, best float64
		none, want  bool
	}{
		{KeepBest, 0.5, 0, true, true}, {KeepBest, -1, 0, true, true}, {KeepBest, 0.6, 0.5, false, true},
		{KeepBest, 0.5, 0.5, false, false}, {KeepBest, 0.4, 0.5, false, false}, {KeepLast, 0.4, 0.5, false, true}, {KeepLast, 0.5, 0.5, false, true},
	} {
		if got := c.keep.Better(c.value, c.best, c.none); got != c.want {
			t.Errorf("%+v: kept %v", c, got)
		}
	}
}

// The head learns at the full rate, an encoder below at a part of what is above it, and
// what is frozen not at all. Without either all learn alike, to the bit.
func TestRate(t *testing.T) {
	const lr, encoders = 3e-5, 3
	for _, c := range []struct {
		decay  float64
		frozen int
		want   [encoders + 2]float64 // by depth
	}{
		{0, 0, [5]float64{lr, lr, lr, lr, lr}}, {1, 0, [5]float64{lr, lr, lr, lr, lr}},
		{0.5, 0, [5]float64{lr / 16, lr / 8, lr / 4, lr / 2, lr}}, {0.5, 2, [5]float64{0, 0, 0, lr / 2, lr}},
		{1, 1, [5]float64{0, 0, lr, lr, lr}}, {1, 3, [5]float64{0, 0, 0, 0, lr}},
	} {
		p := Plan{LR: lr, LayerDecay: c.decay, Frozen: c.frozen}
		for depth, want := range c.want {
			if got := p.Rate(depth, encoders); got != want {
				t.Errorf("decay %g, frozen %d, depth %d: rate %v, want %v", c.decay, c.frozen, depth, got, want)
			}
		}
	}
}

func TestStops(t *testing.T) {
	for _, c := range []struct {
		patience, worse int
		want            bool
	}{{0, 0, false}, {0, 9, false}, {2, 1, false}, {2, 2, true}, {2, 3, true}} {
		if got := (Plan{Patience: c.patience}).Stops(c.worse); got != c.want {
			t.Errorf("patience %d, %d worse: ends %v", c.patience, c.worse, got)
		}
	}
}

func TestGrowth(t *testing.T) {
	p := Plan{Train: 100, Batch: 1, Accumulate: 1, Epochs: 1, Growth: Growth{[]int{3, 6, 12}, 0.25}}
	for step, want := range map[int]int{0: 3, 24: 3, 25: 6, 49: 6, 50: 12, 99: 12, 100: 12} {
		if got := p.Growth.At(step, p.Last(), 3); got != want {
			t.Errorf("step %d of 100: %d encoders, want %d", step, got, want)
		}
	}
	p.Growth = Growth{}
	if got := p.Growth.At(5, p.Last(), 7); got != 7 {
		t.Errorf("a model that does not grow gets %d encoders, want its 7", got)
	}
}

// Each stage has the settings of its section, a seed of its own, and keeps what the
// paper's protocol keeps of it.
func TestOf(t *testing.T) {
	e, err := configs.Load("demo", []string{"finetune.lr=0.1", "search.lr=0.2", "search.lr_r=0.3", "search.min_steps=0", "retrain.lr=0.4", "retrain.min_steps=0", "distil.lr=0.5", "distil.epochs=7", "distil.min_steps=0",
		"finetune.patience=3", "finetune.layer_decay=0.9", "finetune.freeze=2", "finetune.warmup=0.25", "finetune.epochs=5", "finetune.min_steps=0", "finetune.schedule=ibm", "finetune.clip=0.7", "finetune.weight_decay=0.03", "finetune.eps=1e-5", "pretrain.lr=0.6", "pretrain.evaluate_every=5"})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[uint64]string{}
	for stage, want := range map[string]Plan{
		configs.StageFinetune:           {Section: "finetune", LR: 0.1, Keep: KeepBest, Epochs: 5},
		configs.StageSearch:             {Section: "search", LR: 0.2, LRr: 0.3, Keep: KeepLast, Epochs: 2},
		configs.StageRetrain:            {Section: "retrain", LR: 0.4, Keep: KeepBest, Epochs: 2},
		configs.StagePretrain:           {Section: "pretrain", LR: 0.6, Keep: KeepLast, Every: 5, Epochs: 10},
		configs.MethodPKD + "-2":        {Section: "distil", LR: 0.5, Keep: KeepBest, Epochs: 7},
		configs.MethodDistilBERT + "-2": {Section: "distil", LR: 0.5, Keep: KeepBest, Epochs: 7},
	} {
		p := Of(e, stage, 1000, 100)
		if p.Section != want.Section || p.LR != want.LR || p.LRr != want.LRr || p.Keep != want.Keep || p.Every != want.Every || p.Epochs != want.Epochs ||
			(p.Patience == 3 && p.LayerDecay == 0.9 && p.Frozen == 2) != (stage == configs.StageFinetune) || p.Train != 1000 || p.Dev != 100 || p.Stage != stage {
			t.Errorf("%s: %+v, want %+v", stage, p, want)
		}
		if other := seen[p.Seed]; other != "" && p.Section != "distil" {
			t.Errorf("%s and %s share a seed", stage, other)
		}
		seen[p.Seed] = stage
	}
	if p := Of(e, configs.StageFinetune, 1000, 100); p.Schedule != (optim.Schedule{Total: 5 * 32, Warmup: 40, IBM: true}) || p.Clip != 0.7 || p.WeightDecay != 0.03 || p.Eps != 1e-5 {
		t.Errorf("schedule %+v of %d steps, clip %g, decay %g, eps %g; want 0.7, 0.03, 1e-5", p.Schedule, p.Total(), p.Clip, p.WeightDecay, p.Eps)
	}
	if p := Of(e, configs.StageSearch, 320, 1); math.Abs(p.Travel()-0.3*p.Schedule.Sum()) > 1e-15 || p.Travel() == 0 {
		t.Errorf("travel %v", p.Travel())
	}
}

// A search takes as many epochs as give it its least number of steps, on few rows or
// many, and r travels as far on all of them.
func TestSearchTravelsOnAnyData(t *testing.T) {
	e, err := configs.Load("demo", []string{"search.epochs=2", "search.batch_size=32", "search.lr_r=auto", "search.min_steps=500", "finetune.epochs=5", "finetune.min_steps=0"})
	if err != nil {
		t.Fatal(err)
	}
	for rows, epochs := range map[int]int{30: 500, 300: 50, 6600: 3, 16000: 2, 300000: 2} {
		p := Of(e, configs.StageSearch, rows, 10)
		if p.Epochs != epochs || p.Total() < 500 || math.Abs(p.Travel()-2) > 1e-9 {
			t.Errorf("%d rows: %d epochs of %d steps in all, r travels %v; want %d epochs and 2", rows, p.Epochs, p.Total(), p.Travel(), epochs)
		}
		if f := Of(e, configs.StageFinetune, rows, 10); f.Epochs != 5 {
			t.Errorf("%d rows: fine-tuning takes %d epochs, want its 5", rows, f.Epochs)
		}
	}
	e.Search.LRr = 1e-3
	if p := Of(e, configs.StageSearch, 300, 10); p.LRr != 1e-3 || math.Abs(p.Travel()-1e-3*p.Schedule.Sum()) > 1e-15 {
		t.Errorf("a rate that is given is %v", p.LRr)
	}
}

// What has few rows takes more epochs in every stage and student, and none in pretraining.
func TestLeastSteps(t *testing.T) {
	e, err := configs.Load("demo", []string{"retrain.min_steps=500"})
	if err != nil {
		t.Fatal(err)
	}
	for stage, least := range map[string]int{configs.StageFinetune: 200, configs.StageSearch: 500, configs.StageRetrain: 500, configs.MethodPKD + "-2": 500} {
		p := Of(e, stage, 450, 10) // 15 steps an epoch
		if want := (least + 14) / 15; p.Epochs != want {
			t.Errorf("%s: %d epochs of 15 steps, want %d", stage, p.Epochs, want)
		}
	}
	if p := Of(e, configs.StagePretrain, 450, 10); p.Epochs != e.Pretrain.Epochs {
		t.Errorf("pretraining takes %d epochs, want %d", p.Epochs, e.Pretrain.Epochs)
	}
}

// Steps end a stage within an epoch, at their end there is an evaluation, and the schedule
// falls to it; a search of so many steps asks for no more.
func TestPlanOfSteps(t *testing.T) {
	e, err := configs.Load("demo", []string{"retrain.steps=70", "retrain.warmup=0.1", "search.steps=9", "search.min_steps=500"})
	if err != nil {
		t.Fatal(err)
	}
	p := Of(e, configs.StageRetrain, 1000, 10) // 32 steps an epoch
	if p.Total() != 70 || p.Last() != 70 || p.Epochs != 3 || p.Schedule.Total != 70 || p.Schedule.Warmup != 7 {
		t.Errorf("70 steps are %+v", p)
	}
	var due []int
	for step := range 71 {
		if p.EvaluatesAt(step) {
			due = append(due, step)
		}
	}
	if !slices.Equal(due, []int{32, 64, 70}) || p.Evaluations(0, 70) != 3 {
		t.Errorf("evaluates at %v, %d times", due, p.Evaluations(0, 70))
	}
	if p := Of(e, configs.StageSearch, 1000, 10); p.Total() != 9 || p.Epochs != 1 {
		t.Errorf("a search of 9 steps is %+v", p)
	}
}

// A plan of groups takes them as often as one another, and from any step on the same, in
// each epoch in another order.
func TestBatchesOfGroups(t *testing.T) {
	groups := [][]int{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, {17}}
	p := Plan{Train: 18, Batch: 4, Accumulate: 1, Epochs: 1, Seed: 7}.Balanced(groups)
	b, rare, order := p.Batches(), 0, []int(nil)
	for step := range p.StepsPerEpoch() {
		at := b.At(step)
		if again := p.Batches().At(step); !slices.Equal(at, again) {
			t.Errorf("step %d takes %v, and from there on %v", step, at, again)
		}
		order = append(order, at...)
		for _, i := range at {
			if i == 17 {
				rare++
			}
		}
	}
	if rare != 9 {
		t.Errorf("the one example of a group comes %d times in 18, want 9", rare)
	}
	if next := b.At(p.StepsPerEpoch()); slices.Equal(next, order[:len(next)]) {
		t.Errorf("the second epoch begins with %v as the first", next)
	}
}

// Weights that serve several budgets learn for twice the epochs, those that min_steps asks
// for among them; steps that are given are kept to.
func TestBudgetsLearnLonger(t *testing.T) {
	for _, c := range []struct {
		budgets, set string
		train, want  int
	}{
		{"[]", "retrain.steps=0", 3200, 3}, {"[0.5]", "retrain.steps=0", 3200, 3}, {"[0.5, 0.2]", "retrain.steps=0", 3200, 6},
		{"[]", "retrain.steps=0", 320, 20}, {"[0.5, 0.2]", "retrain.steps=0", 320, 40}, {"[0.5, 0.2]", "retrain.steps=100", 3200, 1},
	} {
		e, err := configs.Load("demo", []string{"retrain.epochs=3", "retrain.batch_size=32", "retrain.accumulate=1", "retrain.min_steps=200", "retrain.budgets=" + c.budgets, c.set})
		if err != nil {
			t.Fatal(err)
		}
		if p := Of(e, configs.StageRetrain, c.train, 9); p.Epochs != c.want {
			t.Errorf("budgets %s, %s, %d examples: %d epochs, want %d", c.budgets, c.set, c.train, p.Epochs, c.want)
		}
	}
}
