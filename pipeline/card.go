package pipeline

import (
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// aboutStage is what to know of a stage's model in other tools, which know it as a
// class of transformers.
var aboutStage = map[string]string{
	configs.StagePretrain: "It is to be fine-tuned: any tool that loads %[1]s computes the same.",
	configs.StageFinetune: "Nothing is taken out of it: any tool that loads %[1]s computes the same.",
	configs.StageSearch: "It is an intermediate result: in training its word-vectors were scaled by the weights r of retention.json.\n" +
		"A tool that knows nothing of them loads the directory as %[1]s and scales nothing.",
	configs.StageRetrain: "It takes word-vectors out as it runs, as power_retention in config.json says, and was trained to do without them.\n" +
		"A tool that knows nothing of this loads the directory as %[1]s and runs it dense:\n" +
		"at the cost of all word-vectors, and with other results.",
}

// aboutHead says what a model is, and what its labels are.
var aboutHead = map[problem.Kind][2]string{
	problem.Classification: {"classifier", "with the labels"},
	problem.Regression:     {"regression", "with the output"},
	problem.MultipleChoice: {"for multiple choice", "among the options"},
}

// card is the README.md of a stage's directory, for whoever meets the model
// without the run.
func (t *trainer) card(r *Result) []byte {
	var text strings.Builder
	c := t.config
	fmt.Fprintf(&text, "# %s: %s\n\n", t.run.exp.Name, r.Stage)
	if c.MaskedLM() {
		fmt.Fprintf(&text, "A BERT of %d encoders of width %d that guesses masked tokens, of a vocabulary of %d.\n",
			c.NumHiddenLayers, c.HiddenSize, c.VocabSize)
	} else {
		about := aboutHead[c.Problem()]
		fmt.Fprintf(&text, "This is %s %s of %d encoders of width %d for the task %s, %s %s.\n",
			c.Family().Title, about[0], c.NumHiddenLayers, c.HiddenSize, r.Task, about[1], strings.Join(c.Labels(), ", "))
	}
	stands := aboutStage[r.Stage]
	if isStudent(r.Stage) {
		stands = "It is a plain " + strings.ToUpper(c.ModelType) + " that learned from stage 1's model, of more encoders: any tool that loads %[1]s computes the same."
	}
	fmt.Fprintf(&text, "Dev %s %.4f, loss %.4f.\n", r.Metric, r.Dev, r.Loss)
	fmt.Fprintf(&text, "Trained on %d examples and measured on %d others, cut to %d tokens.\n\n", len(t.task.train), len(t.task.dev), t.task.maxLength)
	fmt.Fprintf(&text, stands+"\n", c.Architecture())
	if p := c.PowerRetention; p != nil {
		fmt.Fprintf(&text, "\nKept by encoder, of max_length %d (%s ranks): %s\n", p.MaxLength, p.Ranks, strings.Trim(fmt.Sprint(p.Keep), "[]"))
		if p.Static() {
			fmt.Fprintf(&text, "Strategy %s: it keeps fixed positions of an input, not the word-vectors that receive most attention.\n", p.Strategy)
		}
	}
	if r.Stage == configs.StageRetrain {
		text.WriteString(t.fewer(r))
	}
	if t.retention == fromExperiment {
		fmt.Fprint(&text, "The retention configuration was given, not searched.\n")
	}
	if d := t.use.Distil; d.Soft > 0 && r.Stage == configs.StageRetrain {
		what := fmt.Sprintf("soft targets at temperature %g", d.Temperature)
		if c.Problem() == problem.Regression {
			what = "its scores"
		}
		fmt.Fprintf(&text, "It learned from stage 1's model, too: %s, with %g of the loss.\n", what, d.Soft)
	}
	fmt.Fprintf(&text, "\nUse, with DIR for this directory: %s.\n", uses(&c))
	if !c.MaskedLM() && !isStudent(r.Stage) {
		fmt.Fprint(&text, "\nMethod: Goyal et al., PoWER-BERT, ICML 2020 (https://arxiv.org/abs/2001.08950).\n")
	}
	return []byte(text.String())
}

// fewer says how many times fewer multiply-adds a retrained model takes than it would dense.
func (t *trainer) fewer(r *Result) string {
	dense := t.task.macs(&t.config, &retention.Elimination{}, t.task.maxLength)
	return fmt.Sprintf("Multiply-adds on the dev set, against the same encoders dense: %.2f times fewer unpadded, %.2f times padded.\n",
		dense.Real/r.MACs.Real, dense.Padded/r.MACs.Padded)
}

// uses is what to do with a model in the directory DIR.
func uses(c *arch.Config) string {
	switch {
	case c.MaskedLM():
		return "`train finetune CONFIG --set model=DIR`"
	case c.Problem() == problem.MultipleChoice:
		return "`train predict DIR --data PASSAGES`"
	}
	return "`train predict DIR < TEXTS`, `train serve DIR`, `train export DIR --onnx FILE`, in a Go program `infer.Open(\"DIR\", 0)`"
}
