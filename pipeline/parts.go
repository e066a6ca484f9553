package pipeline

import (
	"cmp"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// A part of a stage is its steps with a model of one size, as an estimate counts
// them: all of them, unless the model grows.
type part struct {
	*trainer
	from, to int // steps
}

// parts are those of one stage, in their order: the last has the largest model.
type parts []part

// parts tells the sizes apart that the model of a stage has.
func (r *run) parts(t *task, s stage) (list parts) {
	p := part{trainer: &trainer{stepper: stepper{stage: s, padTo: t.padTo}, run: r, task: t}}
	for total := p.total(); p.to < total; p.from = p.to {
		encoders := s.growth.at(p.from, total, p.config.NumHiddenLayers)
		if encoders != p.config.NumHiddenLayers {
			p.trainer = &trainer{stepper: stepper{stage: p.grown(encoders), padTo: t.padTo}, run: r, task: t}
		}
		for p.to < total && s.growth.at(p.to, total, encoders) == encoders {
			p.to++
		}
		list = append(list, p)
	}
	return list
}

// estimate counts what the stage will take; base is what memory holds before there
// are weights.
func (l parts) estimate(base int) StageEstimate {
	t := l[len(l)-1]
	s := StageEstimate{Stage: t.name, Params: len(t.params.Arena()), StepsPerEpoch: t.stepsPerEpoch(), Steps: t.total(),
		Work: l.work(), Memory: l.memory(base)}
	if t.name == configs.StageRetrain {
		s.Retention, s.AtMost = t.use.Keep, t.use.Keep == nil
	}
	return s
}

// work counts multiply-adds.
func (l parts) work() Work {
	t := l[len(l)-1]
	train, dev, n := data.Lengths(t.task.train), data.Lengths(t.task.dev), t.task.maxLength
	learned, w := 0.0, Work{Example: t.task.macs(&t.config, &t.use.Elimination, n)}
	for _, p := range l {
		epochs, evaluations := p.epochs(), float64(p.evaluations())
		learned += epochs * p.learning(train, p.padTo)
		w.Stage += evaluations * p.passing(dev, p.padTo)
		w.StagePadded += epochs*p.learning(train, n) + evaluations*p.passing(dev, n)
	}
	w.Stage += learned
	w.Epoch = learned / float64(t.conf.Epochs)
	w.Step = w.Epoch / float64(t.stepsPerEpoch())
	return w
}

// epochs is how many epochs the steps of the part make up.
func (p *part) epochs() float64 { return float64(p.to-p.from) / float64(p.stepsPerEpoch()) }

// evaluations is how many of the steps of the part an evaluation follows.
func (p *part) evaluations() int {
	every := cmp.Or(p.every, p.stepsPerEpoch())
	n := p.to/every - p.from/every
	if p.to == p.total() && p.to%every > 0 {
		n++
	}
	return n
}

// passing is the multiply-adds of a forward pass over sequences of these lengths, each
// padded to padTo rows; 0 pads none.
func (t *trainer) passing(lengths []int, padTo int) float64 {
	return float64(len(lengths)) * t.config.Net().MeanCost(arch.Executed, &t.use.Elimination, lengths, padTo)
}

// learning is those of training on them, a teacher's included.
func (t *trainer) learning(lengths []int, padTo int) float64 {
	sum := 3 * t.passing(lengths, padTo)
	if t.teacher != nil {
		sum += float64(len(lengths)) * t.teacher.config.Net().MeanCost(arch.Executed, &retention.Elimination{}, lengths, padTo)
	}
	return sum
}
