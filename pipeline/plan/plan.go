// Package plan says how a stage will go, as a pure value: its steps, seeds and batches,
// when it evaluates, what it keeps and when it stops. The loop follows it, and whoever
// foretells a run asks it; it knows no model and no files.
package plan

import (
	"cmp"
	"math"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/optim"
)

// A Plan is the way of one stage through its training examples. Batch × Accumulate
// examples make an optimiser step.
type Plan struct {
	Stage       string
	Section     string  // of the experiment that has its settings, as errors name it
	Seed        uint64  // the stage's own, so that no two stages see the data in one order
	Train, Dev  int     // examples
	Groups      [][]int // of examples that are seen as often as one another; nil: each example once in an epoch
	Batch       int     // examples that pass the network together
	Accumulate  int     // batches whose gradients are summed for a step
	Epochs      int     // begun ones, where there are Steps
	Steps       int     // in place of whole epochs; 0: none
	Every       int     // steps between two evaluations; 0: one per epoch
	MaxSteps    int     // of a dry run; 0: none
	LR, LRr     float64
	WeightDecay float64
	Clip, Eps   float64
	Schedule    optim.Schedule
	Keep        Keep
	Patience    int     // evaluations without a better one after which it ends; 0: none do
	LayerDecay  float64 // learning rate of an encoder over that of the next; 0: 1
	Frozen      int     // encoders from the first that do not learn, nor what is before them; 0: all do
	Growth      Growth
}

// Keep says which evaluation's model a stage keeps.
type Keep int

const (
	KeepLast Keep = iota // the last one's
	KeepBest             // that of the best dev metric, the first of equals
)

// Better tells whether to keep the model of an evaluation, when the one that is kept so
// far scored best; none tells that there is none yet.
func (k Keep) Better(value, best float64, none bool) bool {
	return k == KeepLast || none || value > best
}

// seeds number the stages; students share one.
var seeds = map[string]uint64{
	configs.StageFinetune: 1, configs.StageSearch: 2, configs.StageRetrain: 3, configs.StagePretrain: 4,
}

// What tells other draws from the stages' own.
const (
	seedOfDraw     = 5 // of the positions of Rand-WS
	seedOfStudents = 6
)

// SeedOfDraw is the seed of the positions that Rand-WS draws.
func SeedOfDraw(e *configs.Experiment) uint64 { return kernel.Mix(uint64(e.Seed), seedOfDraw) }

// Of is the plan of a stage of an experiment on so many examples: one of the three,
// pretraining, or a student's.
func Of(e *configs.Experiment, stage string, train, dev int) Plan {
	p := Plan{Stage: stage, Section: stage, Train: train, Dev: dev, Keep: KeepBest}
	var s configs.Stage
	switch stage {
	case configs.StageFinetune:
		s = e.Finetune.Stage
		p.Patience, p.LayerDecay, p.Frozen = e.Finetune.Patience, e.Finetune.LayerDecay, e.Finetune.Freeze
	case configs.StageSearch:
		s, p.Keep = e.Search.Stage, KeepLast
	case configs.StageRetrain:
		s = e.Retrain.Stage
	case configs.StagePretrain:
		s, p.Every, p.Keep = e.Pretrain.Stage, e.Pretrain.EvaluateEvery, KeepLast
		p.Growth = Growth{slices.Concat(e.Pretrain.Stack, []int{e.Encoder.Layers}), e.Pretrain.StackShare}
	default:
		s, p.Section = e.Students.Stage, configs.SectionStudents
	}
	p.Seed = kernel.Mix(uint64(e.Seed), cmp.Or(seeds[stage], seedOfStudents))
	p.Batch, p.Accumulate, p.Epochs, p.Steps = s.BatchSize, s.Accumulate, s.Epochs, s.Steps
	switch n := p.StepsPerEpoch(); {
	case n == 0:
	case p.Steps > 0:
		p.Epochs = (p.Steps + n - 1) / n
	default:
		p.Epochs = max(p.Epochs, (s.MinSteps+n-1)/n)
		if stage == configs.StageRetrain && len(e.Retrain.Budgets) > 1 {
			p.Epochs *= 2 // weights that serve several budgets have more to learn
		}
	}
	p.LR, p.WeightDecay, p.Clip, p.Eps = s.LR, s.WeightDecay, s.Clip, s.Eps
	p.Schedule = optim.Schedule{Total: p.Total(), Warmup: int(s.Warmup * float64(p.Total())), IBM: s.Schedule == configs.ScheduleIBM}
	if stage == configs.StageSearch {
		p.LRr = rateOfR(e.Search.LRr, p.Schedule)
	}
	return p
}

// Stops tells whether the stage ends after so many evaluations in a row of which none was
// better than the best before. The schedule of the learning rate is that of all epochs.
func (p Plan) Stops(worse int) bool { return p.Patience > 0 && worse >= p.Patience }

// Rate is the peak learning rate of a tensor in a model of so many encoders, by its depth
// (arch.Tensor): LR of the head, LayerDecay times that of the last encoder, LayerDecay
// times that of the one before, and so on down to the embeddings, as in ELECTRA and BEiT.
// What is frozen has 0.
func (p Plan) Rate(depth, encoders int) float64 {
	if p.Frozen > 0 && depth <= p.Frozen {
		return 0
	}
	return p.LR * math.Pow(cmp.Or(p.LayerDecay, 1), float64(encoders+1-depth))
}

// autoTravel is how far r can move in a search whose rate of r is left to the plan: from
// 1 to 0 in the half of it, so that the regulariser need not pull all the way.
const autoTravel = 2

// rateOfR is the learning rate of r over a schedule.
func rateOfR(given configs.Rate, s optim.Schedule) float64 {
	if sum := s.Sum(); given == configs.Auto && sum > 0 {
		return autoTravel / sum
	}
	return float64(given)
}

// Short is the plan as a dry run of so many steps follows it; 0: as it is.
func (p Plan) Short(steps int) Plan {
	p.MaxSteps = steps
	return p
}

// Balanced is the plan with groups of examples seen as often as one another.
func (p Plan) Balanced(groups [][]int) Plan {
	p.Groups = groups
	return p
}

// PerStep is how many examples make an optimiser step.
func (p Plan) PerStep() int { return p.Batch * p.Accumulate }

// StepsPerEpoch is how many optimiser steps an epoch has.
func (p Plan) StepsPerEpoch() int { return (p.Train + p.PerStep() - 1) / p.PerStep() }

// Total is how many optimiser steps the stage has.
func (p Plan) Total() int { return cmp.Or(p.Steps, p.Epochs*p.StepsPerEpoch()) }

// Last is the step at which the stage ends, earlier than Total in a dry run.
func (p Plan) Last() int {
	if p.MaxSteps > 0 {
		return min(p.Total(), p.MaxSteps)
	}
	return p.Total()
}

// Epoch is how many epochs are done at a step, with their fraction.
func (p Plan) Epoch(step int) float64 { return float64(step) / float64(p.StepsPerEpoch()) }

// EvaluatesAt tells whether an evaluation follows so many steps: where an epoch, or the
// stage, has ended.
func (p Plan) EvaluatesAt(step int) bool {
	return step == p.Last() || step > 0 && step%p.every() == 0
}

// Evaluations is how many evaluations follow the steps from one (exclusive) to another.
func (p Plan) Evaluations(from, to int) int {
	n := to/p.every() - from/p.every()
	if to == p.Total() && to%p.every() > 0 {
		n++
	}
	return n
}

func (p Plan) every() int { return cmp.Or(p.Every, p.StepsPerEpoch()) }

// StepSeed is the seed of what a step draws, as dropout.
func (p Plan) StepSeed(step int) uint64 { return kernel.Mix(p.Seed, uint64(step)) }

// Travel is the travel budget of r: how far it can move at most where only the
// regulariser pulls, for Adam moves it by about its learning rate per step, whatever λ
// is. Below 1, such an r cannot reach 0.
func (p Plan) Travel() float64 { return p.LRr * p.Schedule.Sum() }

// Batches is the order in which a plan takes its examples. It remembers the epoch at
// hand.
type Batches struct {
	plan  Plan
	epoch int
	order []int
}

// Batches are the plan's, from any step on.
func (p Plan) Batches() *Batches { return &Batches{plan: p, epoch: -1} }

// At is the numbers of the examples of a step, from 0.
func (b *Batches) At(step int) []int {
	n := b.plan.StepsPerEpoch()
	if e := step / n; e != b.epoch {
		b.epoch, b.order = e, b.of(e)
	}
	at := step % n * b.plan.PerStep()
	return b.order[at:min(at+b.plan.PerStep(), len(b.order))]
}

// of is the order of an epoch.
func (b *Batches) of(epoch int) []int {
	p := &b.plan
	if p.Groups != nil {
		return data.Balanced(p.Groups, p.Train, p.Seed, epoch)
	}
	return data.Order(p.Train, p.Seed, epoch)
}

// Growth is the way of a model from few encoders to all of them. One that does not grow
// has the zero value, or a single number.
type Growth struct {
	Encoders []int   // ascending, the last for good
	Share    float64 // part of all steps that each of the others takes
}

// At is how many encoders the model is to have at a step of so many, when it now has some.
func (g Growth) At(step, last, now int) int {
	if len(g.Encoders) < 2 {
		return now
	}
	passed := int(float64(step) / (g.Share * float64(last)))
	return g.Encoders[min(passed, len(g.Encoders)-1)]
}
