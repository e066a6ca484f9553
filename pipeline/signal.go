package pipeline

import (
	"fmt"
	"log/slog"
)

// doubtSignal warns of a stage 1 whose score on dev one answer for all would have by chance,
// too (problem.Kind.Above).
func doubtSignal(log *slog.Logger, t *task, dev float64) error {
	constant, _, err := t.truth(t.Train).Constant(t.Metric, t.truth(t.Dev), len(t.labels))
	if err == nil && !t.problem.Above(t.Metric, dev, constant, len(t.Dev), len(t.labels)) {
		log.Warn(fmt.Sprintf("stage 1 has learned nothing that shows: its %s of %.4f on %d dev examples is not above the %.4f of one answer for all by two standard errors, "+
			"so whatever later stages keep of it says nothing; raise finetune.epochs or finetune.lr, begin with a pretrained model, or look at the labels with `train data`",
			t.Metric, dev, len(t.Dev), constant))
	}
	return err
}
