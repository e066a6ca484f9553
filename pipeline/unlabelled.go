package pipeline

import (
	"context"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/predict"
)

// answers is the task with its texts without labels among the examples of a stage that
// learns from them, by a plan: with the labels that the stage's teacher gives them
// (self-training), or of what is aimed at with its scores or probabilities. Those that the
// stage does not come to, as in a short trial, have none. What a teacher has said it is not
// asked again.
func (t *task) answers(ctx context.Context, r *run, s *stage, p plan.Plan) (*task, error) {
	if len(t.texts) == 0 || !configs.LearnsUnlabelled(s.name) {
		return t, nil
	}
	n, texts := len(t.Train), slices.Clone(t.texts)
	wanted := t.met(p)
	if err := t.ask(ctx, r, s, wanted); err != nil {
		return nil, err
	}
	for _, i := range wanted {
		texts[i].Label, texts[i].Targets = t.problem.Answer(t.said[i])
		s.learner.Teacher.Hear(n+i, t.said[i])
	}
	own := *t
	own.Train, own.texts, own.taught = slices.Concat(t.Train, texts), nil, t.more
	own.Digest += data.Fingerprint(t.texts) // not the answers: another machine may round them otherwise
	return &own, nil
}

// met lists the texts without labels that a plan comes to, ascending. One that draws from
// groups of labels wants to know those of all.
func (t *task) met(p plan.Plan) (list []int) {
	if p.Groups != nil {
		return predict.Between(0, len(t.texts))
	}
	n, comes := len(t.Train), make([]bool, len(t.texts))
	batches := p.Batches()
	for step := range p.Last() {
		for _, i := range batches.At(step) {
			if i >= n {
				comes[i-n] = true
			}
		}
	}
	for i, does := range comes {
		if does {
			list = append(list, i)
		}
	}
	return list
}

// foreseen are the texts without labels that a stage is to learn from, as far as an estimate
// needs them: with some label, or something to aim at.
func (t *task) foreseen(stage string) []data.Encoded {
	if !configs.LearnsUnlabelled(stage) {
		return nil
	}
	texts := slices.Clone(t.texts)
	for i := range texts {
		texts[i].Label, texts[i].Targets = t.problem.Answer(make([]float32, len(t.labels)))
	}
	return texts
}
