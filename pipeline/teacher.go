package pipeline

import (
	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
)

// A teacher is a model that runs on every batch beside the one in training, dense
// and without dropout. What it says is a function of the batch, so nothing of it is
// saved and a resumed stage goes on to the same bits.
type teacher struct {
	config model.Config
	params *model.Params[float32]
}

// teacher is stage 1's model.
func (r *run) teacher(labels []string) (*teacher, error) {
	config, params, err := r.from(configs.StageFinetune, labels)
	if err != nil {
		return nil, err
	}
	params.Pack()
	return &teacher{config, params}, nil
}

// replicas are networks of the teacher, one per worker; none without a teacher.
func (t *teacher) replicas(workers int) (replicas, error) {
	if t == nil {
		return nil, nil
	}
	return newReplicas(workers, t.config, t.params, nil, model.Use{})
}

// teach runs the teachers on the parts of a batch that the networks hold, and hands
// them what the teachers say.
func (t *stepper) teach(all []data.Encoded, parts [][]int) error {
	if t.teachers == nil {
		return nil
	}
	return each(len(parts), func(w int) error {
		n := t.teachers[w]
		fill(n.Batch, all, parts[w], t.padTo)
		if err := n.Forward(); err != nil {
			return err
		}
		b := t.nets[w].Batch
		for _, v := range model.Values[float32](n.Logits) {
			b.Teacher = append(b.Teacher, float64(v))
		}
		return nil
	})
}
