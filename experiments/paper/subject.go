package paper

import (
	"cmp"
	"fmt"

	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/internal/text"
)

// A Subject is the run that a figure is of; a table of many tasks has none.
type Subject struct {
	Task     string `json:"task"`
	Seed     int    `json:"seed"`
	Model    string `json:"model"`
	Examples int    `json:"examples"` // of the dev set
}

func subjectOf(r *report.Run) *Subject {
	return &Subject{r.Experiment.Data.Task, r.Experiment.Seed, modelInWords(r), len(r.Dev.Encoded)}
}

// modelInWords says what stage 1's model is.
func modelInWords(r *report.Run) string {
	c := r.Dense.Config
	return fmt.Sprintf("%s, %d encoders of width %d, %d heads, from %s", c.ModelType, c.NumHiddenLayers, c.HiddenSize, c.NumAttentionHeads,
		cmp.Or(r.Experiment.Model, "random weights"))
}

// differs says what is not as in the paper, of models of some seeds.
func differs(r *report.Run, seeds []int) string {
	shown := fmt.Sprintf("one seed (%d)", r.Experiment.Seed)
	if len(seeds) > 1 {
		shown = "the seeds " + text.List(seeds)
	}
	return fmt.Sprintf("the paper: BERT-base (12 encoders of width 768) as its authors pretrained it, inputs padded to N; here: %s; "+
		"the %d examples of the dev set of %s, %.1f word-pieces per %s in the mean, cut to N = %d; stage 1 of %s",
		modelInWords(r), len(r.Dev.Encoded), r.Experiment.Data.Task, r.Dev.Length(), r.Dev.Problem.Sequence(), r.Experiment.Data.MaxLength, shown)
}
