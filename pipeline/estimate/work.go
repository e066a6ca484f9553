package estimate

import (
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/retention"
)

// Work is multiply-adds. Example is those of result.json: a forward pass of the encoders, in
// the mean of the dev set. The others are of training: a forward pass for each example and
// twice as much for its gradients, and the teacher's forward pass, once where its logits alone
// are learned and so kept. Step and Epoch are means over the stage, Stage is all steps and
// evaluations.
type Work struct {
	Example     rundir.MACs `json:"example"`
	Step        float64     `json:"step"`
	Epoch       float64     `json:"epoch"`
	Stage       float64     `json:"stage"`
	StagePadded float64     `json:"stage_padded"` // if every input were padded to max_length
}

// A part of a stage is its steps with a model of one size: all of them, unless the
// model grows.
type part struct {
	Task
	*Setting
	from, to int // steps
}

// whole is a stage that has one part yet, with all that it learns from as the training
// examples.
func (s *Setting) whole(stage Task) part {
	if len(stage.Also) > 0 {
		own := *s
		own.Examples.Train = slices.Concat(s.Examples.Train, stage.Also)
		s = &own
	}
	return part{Task: stage, Setting: s}
}

// parts are those of one stage, in their order: the last has the largest model.
type parts []part

// parts tells the sizes apart that the model of a stage has.
func (s *Setting) parts(stage Task) (list parts) {
	p := s.whole(stage)
	for total := p.Plan.Total(); p.to < total; p.from = p.to {
		encoders := p.Plan.Growth.At(p.from, p.Plan.Last(), p.Learner.Config.NumHiddenLayers)
		if encoders != p.Learner.Config.NumHiddenLayers {
			p.Learner = p.Learner.Grown(encoders)
		}
		for p.to < total && p.Plan.Growth.At(p.to, p.Plan.Last(), encoders) == encoders {
			p.to++
		}
		list = append(list, p)
	}
	return list
}

// work counts multiply-adds.
func (l parts) work() Work {
	last := l[len(l)-1]
	learns, dev, n := data.Lengths(last.Examples.Train), data.Lengths(last.Examples.Chooses()), last.MaxLength
	learned, w := 0.0, Work{Example: MACs(&last.Learner.Config, &last.Learner.Use.Elimination, last.Examples.Dev, n)}
	for _, p := range l {
		epochs, evaluations, padTo := p.Plan.Epoch(p.to-p.from), float64(p.Plan.Evaluations(p.from, p.to)), p.Examples.PadTo
		learned += p.trainingMACs(epochs, learns, padTo)
		w.Stage += evaluations * p.evaluationMACs(dev, padTo)
		w.StagePadded += p.trainingMACs(epochs, learns, n) + evaluations*p.evaluationMACs(dev, n)
	}
	w.Stage += learned
	w.Epoch = learned / last.Plan.Epoch(last.Plan.Total())
	w.Step = w.Epoch / float64(last.Plan.StepsPerEpoch())
	return w
}

// forwardMACs counts a forward pass over sequences of these lengths, each
// padded to padTo rows; 0 pads none.
func (p *part) forwardMACs(lengths []int, padTo int) float64 {
	return float64(len(lengths)) * p.Learner.Config.Net().MeanCost(&p.Learner.Use.Elimination, lengths, padTo)
}

// budgetMACs is forwardMACs at the counts of some of the model's budgets, one pass for each.
func (p *part) budgetMACs(counts [][]int, lengths []int, padTo int) (sum float64) {
	for _, keep := range counts {
		at := *p
		at.Learner.Use.Keep = keep
		sum += at.forwardMACs(lengths, padTo)
	}
	return sum
}

// evaluationMACs counts an evaluation, a pass at every budget.
func (p *part) evaluationMACs(lengths []int, padTo int) float64 {
	lists := p.Learner.Config.Budgets.Lists()
	if len(lists) < 2 {
		return p.forwardMACs(lengths, padTo)
	}
	return p.budgetMACs(lists, lengths, padTo)
}

// stepMACs counts the forward passes of a step: of several budgets the largest, the
// smallest and the mean of those between.
func (p *part) stepMACs(lengths []int, padTo int) float64 {
	lists := p.Learner.Config.Budgets.Lists()
	last := len(lists) - 1
	if last < 1 {
		return p.forwardMACs(lengths, padTo)
	}
	sum := p.budgetMACs([][]int{lists[0], lists[last]}, lengths, padTo)
	if between := lists[1:last]; len(between) > 0 {
		sum += p.budgetMACs(between, lengths, padTo) / float64(len(between))
	}
	return sum
}

// trainingMACs counts training for so many epochs, with the teacher's passes.
func (p *part) trainingMACs(epochs float64, lengths []int, padTo int) float64 {
	sum := 3 * epochs * p.stepMACs(lengths, padTo)
	if t := p.Learner.Teacher; t != nil {
		passes := train.Passes(p.Learner.Use.Distil, epochs)
		sum += passes * float64(len(lengths)) * t.Config.Net().MeanCost(&retention.Elimination{}, lengths, padTo)
	}
	return sum
}
