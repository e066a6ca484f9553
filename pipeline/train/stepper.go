package train

import (
	"fmt"
	"maps"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/optim"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/retention"
)

// A Stepper makes the optimiser steps of a learner on several workers: its networks,
// their gradients in one sum, AdamW.
type Stepper struct {
	learner  Learner
	plan     plan.Plan
	padTo    int                       // rows per sequence; 0: as many as it has tokens
	nets     predict.Replicas          // with gradients
	teachers predict.Replicas          // none without a teacher
	said     map[int][]float64         // logits of the teacher, by the example's number
	Grad     *model.Gradients[float32] // of the last call of Gradients
	opt      *optim.AdamW[float32]
	place    place // among the ranks that share each step

	// Remembers keeps the teacher's logits of each example, so that it is asked once: every
	// call of Gradients must then be given the same set.
	Remembers bool
}

// NewStepper builds the networks of a learner, and an optimiser that has seen nothing,
// by the batch, rates, clipping and decay of a plan.
func NewStepper(l Learner, p plan.Plan, workers, padTo int) (*Stepper, error) {
	s := &Stepper{learner: l, plan: p, padTo: padTo, said: map[int][]float64{}}
	if l.Teacher != nil && remembers(l.Use.Distil) {
		maps.Copy(s.said, l.Teacher.said)
	}
	var err error
	if s.nets, err = predict.NewReplicas(workers, l.Config, l.Params, l.Soft, l.trainingUse()); err != nil {
		return nil, err
	}
	if s.teachers, err = l.Teacher.replicas(workers, l.Use.Distil); err != nil {
		return nil, err
	}
	if s.Grad, err = model.NewGradients(s.nets...); err != nil {
		return nil, err
	}
	s.opt = optim.NewAdamW(optim.Config{Beta1: 0.9, Beta2: 0.999, Eps: p.Eps, Clip: p.Clip, Workers: workers}, s.groups(p)...)
	return s, nil
}

// groups are Θ with weight decay, Θ without (LayerNorm and biases), each by learning rate
// and without what is frozen, and r, which is neither decayed nor clipped but projected.
func (s *Stepper) groups(p plan.Plan) []optim.Group[float32] {
	var decayed, spared rated
	for _, tensor := range s.learner.Params.Tensors() {
		from, to := tensor.Offset, tensor.Offset+tensor.Size
		param := &optim.Param[float32]{Name: tensor.Name, Value: s.learner.Params.Arena()[from:to], Grad: s.Grad.Theta[from:to]}
		switch rate := p.Rate(tensor.Depth, s.learner.Config.NumHiddenLayers); {
		case rate == 0:
		case tensor.Decays():
			decayed.add(rate, p.WeightDecay, param)
		default:
			spared.add(rate, 0, param)
		}
	}
	groups := slices.Concat(decayed, spared)
	if s.learner.Soft != nil {
		r := &optim.Param[float32]{Name: "soft_extract.r", Value: s.learner.Soft.R, Grad: s.Grad.R}
		groups = append(groups, optim.Group[float32]{Name: "r", LR: p.LRr, Unclipped: true, Project: true, Params: []*optim.Param[float32]{r}})
	}
	return groups
}

// rated are groups of one learning rate each.
type rated []optim.Group[float32]

// add puts a parameter into the group of its learning rate.
func (r *rated) add(rate, decay float64, param *optim.Param[float32]) {
	at := slices.IndexFunc(*r, func(g optim.Group[float32]) bool { return g.LR == rate })
	if at < 0 {
		at = len(*r)
		*r = append(*r, optim.Group[float32]{Name: fmt.Sprintf("decay %g, rate %g", decay, rate), LR: rate, WeightDecay: decay})
	}
	(*r)[at].Params = append((*r)[at].Params, param)
}

// Gradients computes those of a step, over the examples that batch lists of all,
// and returns the task loss. Dropout depends on seed, which is the step's own.
func (s *Stepper) Gradients(all []data.Encoded, batch []int, seed uint64) (float64, error) {
	return s.gradients(all, batch, seed, nil)
}

// gradients is Gradients; of several ranks it is this one's part of them and of the loss.
// ready, unless it is nil, is told from where on the part is whole, as soon as it is
// (model.Gradients.Run).
func (s *Stepper) gradients(all []data.Encoded, batch []int, seed uint64, ready func(from int)) (float64, error) {
	var task float64
	means, followers := s.learner.means(all, batch), s.learner.followers(seed)
	for micro := 0; micro*s.plan.Batch < len(batch); micro++ {
		part, last := batch[micro*s.plan.Batch:], ready
		if len(part) > s.plan.Batch {
			part, last = part[:s.plan.Batch], nil // more is added later
		}
		parts, first := s.place.parts(all, part, len(s.nets), s.padTo)
		if micro == 0 && len(parts) == 0 {
			clear(s.Grad.Theta) // this rank has nothing to overwrite it with
		}
		if err := s.fill(all, parts, first, micro, means, seed); err != nil {
			return 0, err
		}
		l, err := s.runs(len(parts), micro > 0, followers, last)
		if err != nil {
			return 0, err
		}
		task += l
	}
	return task, nil
}

// runs is run; of a model of several budgets it is one of the largest, and then one for each
// that follows. ready is told of the last.
func (s *Stepper) runs(active int, goesOn bool, followers [][]int, ready func(from int)) (float64, error) {
	nets, after := s.nets[:active], ready
	if len(followers) > 0 {
		after = nil
	}
	if err := s.learner.useLargest(nets); err != nil {
		return 0, err
	}
	task, err := s.run(active, goesOn, after)
	if err != nil {
		return 0, err
	}
	more, err := follow(nets, followers, func(last bool) (float64, error) {
		if last {
			after = ready
		}
		return s.run(active, true, after)
	})
	return task + more, err
}

// Fill puts examples into a batch; in masked-language modelling it has tokens to
// guess, which ones seed decides.
func (s *Stepper) Fill(b *model.Batch, all []data.Encoded, part []int, seed uint64) {
	predict.Fill(b, all, part, s.padTo)
	if s.learner.Masking != nil {
		predict.Mask(b, s.learner.Masking, part, seed)
	}
}

// means are what the means of a step's loss divide by.
type means struct {
	terms  float64 // of the loss as a whole
	labels float64 // weights of the labels
}

// means are those of a step over the examples that batch lists of all.
func (l *Learner) means(all []data.Encoded, batch []int) means {
	labels := make([]int, len(batch))
	for i, at := range batch {
		labels[i] = all[at].Label
	}
	return means{l.Terms(all, batch), l.Use.Labels.Sum(labels)}
}

// Terms is how many terms the mean of a step's loss has: its examples, or the tokens
// of them that are to be guessed.
func (l *Learner) Terms(all []data.Encoded, batch []int) float64 {
	if l.Masking == nil {
		return float64(len(batch))
	}
	n := 0
	for _, i := range batch {
		n += l.Masking.Count(all[i].IDs)
	}
	return float64(n)
}

// fill hands one batch of a step, the micro-th, to the workers, dealt out in parts, with what
// a teacher says of it; first is the number of the first worker, and the step's loss a mean
// as means say.
func (s *Stepper) fill(all []data.Encoded, parts [][]int, first, micro int, over means, seed uint64) error {
	for w, part := range parts {
		b := s.nets[w].Batch
		s.Fill(b, all, part, seed)
		s.learner.zeroTeacher(s.nets[w])
		b.Weight, b.LabelWeight, b.Penalty = 1/over.terms, 1/over.labels, 0
		if micro == 0 && first+w == 0 {
			b.Penalty = 1
		}
		b.Seed = kernel.Mix(seed, uint64(micro), uint64(first+w))
	}
	return s.teach(all, parts)
}

// run runs so many networks on their batches, adds their gradients to those of the step
// where it goes on, and returns their task loss. ready is told as model.Gradients.Run
// does.
func (s *Stepper) run(active int, goesOn bool, ready func(from int)) (sum float64, err error) {
	if err := s.Grad.Run(active, goesOn, ready); err != nil {
		return 0, err
	}
	for _, n := range s.nets[:active] {
		sum += n.TaskLoss()
	}
	return sum, nil
}

// Penalty is the regulariser λ·Σ j·mass(j; r); 0 without soft extraction.
func (s *Stepper) Penalty() float64 {
	if s.learner.Soft == nil {
		return 0
	}
	return retention.Penalty(s.learner.Use.Lambda, retention.Weights(s.learner.Config.NumHiddenLayers), retention.Mass(s.learner.Soft.R, s.learner.Soft.Length))
}

// Update changes the weights by the gradients, at the learning rates times scale.
func (s *Stepper) Update(scale float64) error {
	s.opt.SetScale(scale)
	return s.opt.Step()
}
