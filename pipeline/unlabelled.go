package pipeline

import (
	"context"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/predict"
)

// answered is the task as a stage learns from it, by a plan. What the stage's teacher says of
// the training examples is asked before the first step, if logits are all that is learned of
// it. Texts without labels stand behind the examples of a stage that learns from them, with the
// labels that the teacher gives them (self-training), or of what is aimed at with its scores or
// probabilities. Of what the plan does not come to, as in a short trial, nothing is said.
func (t *task) answered(ctx context.Context, r *run, s *stage, p plan.Plan) (*task, error) {
	teacher := s.learner.Teacher
	if teacher == nil || t.asked == nil {
		return t, nil
	}
	examples, texts := t.met(p)
	if train.ReadsBefore(s.learner.Use.Distil, r.Crew.Size()) {
		if err := t.asked.ask(ctx, r, s, t.PadTo, examples); err != nil {
			return nil, err
		}
		for _, i := range examples {
			teacher.Hear(i, t.asked.said[i])
		}
	}
	if t.unlabelled == nil || !configs.LearnsUnlabelled(s.name) {
		return t, nil
	}
	if err := t.unlabelled.ask(ctx, r, s, t.PadTo, texts); err != nil {
		return nil, err
	}
	n, more := len(t.Train), slices.Clone(t.unlabelled.set)
	for _, i := range texts {
		more[i].Label, more[i].Targets = t.problem.Answer(t.unlabelled.said[i])
		teacher.Hear(n+i, t.unlabelled.said[i])
	}
	own := *t
	own.Train, own.unlabelled, own.taught = slices.Concat(t.Train, more), nil, t.more
	own.Digest += data.Fingerprint(t.unlabelled.set) // not the answers: another machine may round them otherwise
	return &own, nil
}

// met lists the training examples and the texts without labels that a plan comes to,
// ascending. One that draws from groups of labels wants to know those of all texts.
func (t *task) met(p plan.Plan) (examples, texts []int) {
	n := len(t.Train)
	if p.Groups != nil && p.Train > n {
		return predict.Between(0, n), predict.Between(0, t.texts())
	}
	comes := make([]bool, n+t.texts())
	batches := p.Batches()
	for step := range p.Last() {
		for _, i := range batches.At(step) {
			comes[i] = true
		}
	}
	for i, does := range comes {
		switch {
		case does && i < n:
			examples = append(examples, i)
		case does:
			texts = append(texts, i-n)
		}
	}
	return examples, texts
}

// texts is how many sequences the texts without labels are.
func (t *task) texts() int {
	if t.unlabelled == nil {
		return 0
	}
	return len(t.unlabelled.set)
}

// foreseen are the texts without labels that a stage is to learn from, as far as an estimate
// needs them: with some label, or something to aim at.
func (t *task) foreseen(stage string) []data.Encoded {
	if t.unlabelled == nil || !configs.LearnsUnlabelled(stage) {
		return nil
	}
	texts := slices.Clone(t.unlabelled.set)
	for i := range texts {
		texts[i].Label, texts[i].Targets = t.problem.Answer(make([]float32, len(t.labels)))
	}
	return texts
}
