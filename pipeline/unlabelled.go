package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/predict"
)

// answers is the task with its texts without labels among the examples of a stage that
// learns from them: with the labels that the stage's teacher gives them (self-training), or
// of what is aimed at with its scores or probabilities. What it says is not asked again.
func (t *task) answers(ctx context.Context, r *run, s *stage) (*task, error) {
	if len(t.texts) == 0 || !configs.LearnsUnlabelled(s.name) {
		return t, nil
	}
	r.Log.Info("stage 1's model reads the texts without labels", "sequences", len(t.texts))
	teacher := s.learner.Teacher
	nets, err := predict.NewReplicas(r.exp.Workers, teacher.Config, teacher.Frozen, nil, train.Teaching(model.Distil{}))
	if err != nil {
		return nil, err
	}
	said, err := predict.Run{Nets: nets, PadTo: t.PadTo}.Outputs(ctx, t.texts)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w while stage 1's model read the texts without labels; %s", ErrInterrupted, cmp.Or(r.Again, "go on with --resume"))
	}
	if err != nil {
		return nil, err
	}
	own, texts := *t, slices.Clone(t.texts)
	for i := range texts {
		texts[i].Label, texts[i].Targets = t.problem.Answer(said.Logits[i])
		teacher.Hear(len(t.Train)+i, said.Logits[i])
	}
	own.Train, own.texts, own.answered = slices.Concat(t.Train, texts), nil, len(texts)
	own.Digest += data.Fingerprint(texts)
	return &own, nil
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
