package train

import (
	"slices"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/predict"
)

// A model of several budgets learns all of them in each step, by the sandwich rule and in
// place (Yu and Huang 2019, arXiv 1903.05134; of transformers that drop word-vectors, Kim
// and Cho 2021, arXiv 2010.07003): the largest budget learns what the stage says, and the
// smallest and one that is drawn from the others learn its logits of the same step, into which no
// gradient goes. The loss is the sum of the three.

// shares tells whether the learner's weights serve several budgets.
func (l *Learner) shares() bool { return len(l.Config.Budgets) > 1 }

// trainingUse is the use of its networks that train: of several budgets they can learn logits
// even where stage 1 teaches none.
func (l *Learner) trainingUse() model.Use {
	use := l.Use
	if l.shares() {
		use.Distil.Soft = 1
	}
	return use
}

// between tells the draw of a budget from other uses of a step's seed.
const between = 0xb0d6e7

// followers are the counts of those that follow the largest budget in the step of a seed:
// of the smallest, and of one that is drawn from those between. There are none of a list
// that another budget has, too.
func (l *Learner) followers(seed uint64) (list [][]int) {
	lists := l.Config.Budgets.Lists()
	last := len(lists) - 1
	if last > 0 {
		list = append(list, lists[last])
	}
	if last > 1 {
		list = append(list, lists[1:last][kernel.Mix(seed, between)%uint64(last-1)])
	}
	return list
}

// useBudget sets the retention counts of networks, and the weights of their distillation.
func useBudget(nets predict.Replicas, keep []int, d model.Distil) error {
	for _, n := range nets {
		if err := n.Retain(keep); err != nil {
			return err
		}
		n.Weigh(d)
	}
	return nil
}

// useLargest has the next run of a learner's networks be that of the largest budget, which learns
// what the stage says.
func (l *Learner) useLargest(nets predict.Replicas) error {
	if !l.shares() {
		return nil
	}
	return useBudget(nets, l.Config.Budgets[0].Keep, l.Use.Distil)
}

// follow runs networks once more on their batches for each of some counts, to learn the
// logits that they have now, and returns the task losses together. run is told of its last.
func follow(nets predict.Replicas, followers [][]int, run func(last bool) (float64, error)) (sum float64, err error) {
	for _, n := range nets {
		if len(followers) > 0 {
			n.Batch.Teacher = widened(n.Batch.Teacher[:0], model.Values[float32](n.Logits))
		}
	}
	for i, keep := range followers {
		if err := useBudget(nets, keep, model.Distil{Soft: 1}); err != nil {
			return 0, err
		}
		for _, n := range nets {
			n.Batch.Seed = kernel.Mix(n.Batch.Seed, between) // other dropout
		}
		loss, err := run(i+1 == len(followers))
		if err != nil {
			return 0, err
		}
		sum += loss
	}
	return sum, nil
}

// widened appends values in float64.
func widened(to []float64, values []float32) []float64 {
	for _, v := range values {
		to = append(to, float64(v))
	}
	return to
}

// zeroTeacher fills the teacher's logits in the batch of a network with zeros, which weigh
// nothing, where the network is made to learn logits and there is no teacher.
func (l *Learner) zeroTeacher(n *predict.Net) {
	if l.shares() && l.Teacher == nil {
		n.Batch.Teacher = slices.Repeat([]float64{0}, n.Batch.Sequences()*n.Config().Outputs())
	}
}
