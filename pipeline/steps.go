package pipeline

import (
	"errors"
	"math"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/optim"
	"github.com/powerbert/powerbert/retention"
)

// Steps makes optimiser steps as the stages do, outside of any run: for programs
// that measure what a step costs.
type Steps struct {
	stepper
	done uint64
}

// NewSteps prepares to train params, and soft where use.Soft is set, which the
// steps change in place. The batch is dealt out to the workers. AdamW has
// weight decay 0.01, which spares LayerNorm and biases, eps 1e-8, no clipping; the
// rate stays lr, for r as well.
func NewSteps(c arch.Config, params *model.Params[float32], soft *model.SoftExtract[float32], use model.Use, workers int, lr float64) (*Steps, error) {
	use.Train = true
	conf := configs.Stage{BatchSize: math.MaxInt, LR: lr, WeightDecay: 0.01, Eps: 1e-8}
	s, err := newStepper(stage{conf: conf, use: use, soft: soft, lrR: lr, config: c, params: params}, workers, 0)
	if err != nil {
		return nil, err
	}
	return &Steps{stepper: s}, nil
}

// Step makes one step over a batch and returns the objective before it: the mean
// cross-entropy and, in soft extraction, the regulariser.
func (s *Steps) Step(examples []data.Encoded) (float64, error) {
	task, err := s.gradients(examples, between(0, len(examples)), s.done)
	if err != nil {
		return 0, err
	}
	objective := task + s.penalty()
	s.done++
	return objective, s.update(1)
}

// Close releases the networks.
func (s *Steps) Close() error { return s.close() }

// A stepper makes the optimiser steps of a stage.
type stepper struct {
	stage
	padTo    int      // rows per sequence; 0: as many as it has tokens
	nets     replicas // with gradients
	teachers replicas // none without a teacher
	grad     *model.Gradients[float32]
	opt      *optim.AdamW[float32]
}

func newStepper(s stage, workers, padTo int) (stepper, error) {
	nets, err := newReplicas(workers, s.config, s.params, s.soft, s.use)
	if err != nil {
		return stepper{stage: s}, err
	}
	teachers, err := s.teacher.replicas(workers, s.use.Distil)
	if err != nil {
		return stepper{stage: s, nets: nets}, err
	}
	t := stepper{stage: s, padTo: padTo, nets: nets, teachers: teachers, grad: model.NewGradients(nets...)}
	t.opt = optim.NewAdamW(optim.Config{Beta1: 0.9, Beta2: 0.999, Eps: s.conf.Eps, Clip: s.conf.Clip, Workers: workers}, t.groups()...)
	return t, nil
}

func (t *stepper) close() error { return errors.Join(t.nets.close(), t.teachers.close()) }

// groups are Θ with weight decay, Θ without (LayerNorm and biases), and r, which
// is neither decayed nor clipped but projected.
func (t *stepper) groups() []optim.Group[float32] {
	var decayed, spared []*optim.Param[float32]
	for _, tensor := range t.params.Tensors() {
		from, to := tensor.Offset, tensor.Offset+tensor.Size
		p := &optim.Param[float32]{Name: tensor.Name, Value: t.params.Arena()[from:to], Grad: t.grad.Theta[from:to]}
		if tensor.Decays() {
			decayed = append(decayed, p)
		} else {
			spared = append(spared, p)
		}
	}
	groups := []optim.Group[float32]{
		{Name: "decay", LR: t.conf.LR, WeightDecay: t.conf.WeightDecay, Params: decayed},
		{Name: "spared", LR: t.conf.LR, Params: spared},
	}
	if t.soft != nil {
		r := &optim.Param[float32]{Name: "soft_extract.r", Value: t.soft.R, Grad: t.grad.R}
		groups = append(groups, optim.Group[float32]{Name: "r", LR: t.lrR, Unclipped: true, Project: true, Params: []*optim.Param[float32]{r}})
	}
	return groups
}

// gradients computes those of a step, over the examples that batch lists of all,
// and returns the task loss. Dropout depends on seed, which is the step's own.
func (t *stepper) gradients(all []data.Encoded, batch []int, seed uint64) (float64, error) {
	var task float64
	terms := t.terms(all, batch)
	for micro := 0; micro*t.conf.BatchSize < len(batch); micro++ {
		part := batch[micro*t.conf.BatchSize : min((micro+1)*t.conf.BatchSize, len(batch))]
		parts := split(all, part, len(t.nets))
		l, err := t.accumulate(all, parts, micro, terms, seed)
		if err != nil {
			return 0, err
		}
		task += l
	}
	return task, nil
}

// fill puts examples into a batch; in masked-language modelling it has tokens to
// guess, which ones seed decides.
func (t *stepper) fill(b *model.Batch, all []data.Encoded, part []int, seed uint64) {
	fill(b, all, part, t.padTo)
	if t.masking != nil {
		mask(b, t.masking, part, seed)
	}
}

// terms is how many terms the mean of a step's loss has: its examples, or the tokens
// of them that are to be guessed.
func (t *stepper) terms(all []data.Encoded, batch []int) float64 {
	if t.masking == nil {
		return float64(len(batch))
	}
	n := 0
	for _, i := range batch {
		n += t.masking.Count(all[i].IDs)
	}
	return float64(n)
}

// accumulate adds the gradients of one batch, dealt out in parts to the workers,
// to those of the step, of which it is the micro-th and whose loss is the mean of
// so many terms, and returns its task loss.
func (t *stepper) accumulate(all []data.Encoded, parts [][]int, micro int, terms float64, seed uint64) (float64, error) {
	for w, part := range parts {
		b := t.nets[w].Batch
		t.fill(b, all, part, seed)
		b.Weight, b.Penalty = 1/terms, 0
		if micro == 0 && w == 0 {
			b.Penalty = 1
		}
		b.Seed = kernel.Mix(seed, uint64(micro), uint64(w))
	}
	if err := t.teach(all, parts); err != nil {
		return 0, err
	}
	if err := t.grad.Run(len(parts), micro > 0); err != nil {
		return 0, err
	}
	sum := 0.0
	for _, n := range t.nets[:len(parts)] {
		sum += n.TaskLoss()
	}
	return sum, nil
}

// penalty is the regulariser λ·Σ j·mass(j; r); 0 without soft extraction.
func (t *stepper) penalty() float64 {
	if t.soft == nil {
		return 0
	}
	return retention.Penalty(t.use.Lambda, t.use.Weights(t.config.NumHiddenLayers), retention.Mass(t.soft.R, t.soft.Length))
}

// update changes the weights by the gradients, at the learning rates times scale.
func (t *stepper) update(scale float64) error {
	t.opt.SetScale(scale)
	return t.opt.Step()
}
