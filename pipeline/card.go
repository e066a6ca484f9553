package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
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
		"transformers does the same, by the modelling file that stands here, if it is told to trust it,\n" +
		"as by from_pretrained(DIR, trust_remote_code=True), and refuses the directory otherwise.\n" +
		"Run dense as %[1]s, the weights would give other results.",
}

// aboutHead says what a model of a kind is, what its labels are, what a teacher at a
// temperature tells it, what to do with it in the directory DIR, and what the hub calls it.
var aboutHead = map[problem.Kind]struct {
	kind, outputs string
	taught        func(temperature float64) string
	uses          string
	tag           string // what the hub calls it
}{
	problem.Classification: {"classifier", "with the labels", softTargets, useTexts, textTag},
	problem.MultiLabel:     {"classifier", "with any of the labels", softTargets, useTexts, textTag},
	problem.Regression:     {"regression", "with the output", func(float64) string { return "its scores" }, useTexts, textTag},
	problem.MultipleChoice: {"for multiple choice", "among the options", softTargets, "`train predict DIR --data PASSAGES`", "multiple-choice"},
}

const textTag = "text-classification"

// hubTag is what the hub calls the kind of a model.
func hubTag(c *arch.Config) string {
	if c.MaskedLM() {
		return "fill-mask"
	}
	return cmp.Or(aboutHead[c.Problem()].tag, textTag)
}

func softTargets(temperature float64) string {
	return fmt.Sprintf("soft targets at temperature %g", temperature)
}

const useTexts = "`train predict DIR < TEXTS`, `train serve DIR`, `train export DIR --onnx FILE`, in a Go program `infer.Open(\"DIR\", 0)`"

// card is the README.md of a stage's directory, for whoever meets the model
// without the run.
func card(e *configs.Experiment, s stage, work *train.Work, t *task, r *rundir.Result) []byte {
	var text strings.Builder
	c := work.Config
	text.WriteString(frontMatter(e, &c, hubTag(&c), r))
	fmt.Fprintf(&text, "# %s: %s\n\n", e.Name, r.Stage)
	if c.MaskedLM() {
		fmt.Fprintf(&text, "A BERT of %d encoders of width %d that guesses masked tokens, of a vocabulary of %d.\n",
			c.NumHiddenLayers, c.HiddenSize, c.VocabSize)
	} else {
		about := aboutHead[c.Problem()]
		fmt.Fprintf(&text, "This is %s %s of %d encoders of width %d for the task %s, %s %s.\n",
			c.Family().Title, about.kind, c.NumHiddenLayers, c.HiddenSize, r.Task, about.outputs, strings.Join(c.Labels(), ", "))
	}
	aboutThresholds(&text, &c)
	if win := c.Window; win != nil {
		fmt.Fprintf(&text, "Longer texts are divided into windows of %d tokens, which share %d with the one before; of a text the %s probability of its windows counts.\n",
			win.MaxLength, win.Stride, map[string]string{problem.JoinMean: "mean", problem.JoinMax: "largest"}[win.Join])
	}
	stands, known := aboutStage[r.Stage]
	if !known {
		stands = "It is a plain " + strings.ToUpper(c.ModelType) + " that learned from stage 1's model, of more encoders: any tool that loads %[1]s computes the same."
	}
	if r.Stage == configs.StageRetrain && c.PowerRetention == nil {
		stands = "It began as a part of stage 1's model and takes no word-vectors out: any tool that loads %[1]s computes the same."
	}
	fmt.Fprintf(&text, "Dev %s %.4f, loss %.4f.\n", r.Metric, r.Dev, r.Loss)
	fmt.Fprintf(&text, "Trained on %d examples and measured on %d others, cut to %d tokens.\n\n", t.labelled(), len(t.Dev), t.maxLength)
	fmt.Fprintf(&text, stands+"\n", c.Architecture())
	aboutRetention(&text, s, work, t, r)
	if slices.Contains(configs.Stages(), s.name) {
		aboutTeacher(&text, work, t)
	}
	fmt.Fprintf(&text, "\nUse, with DIR for this directory: %s.\n", uses(&c))
	if !c.MaskedLM() && known {
		fmt.Fprint(&text, "\nMethod: Goyal et al., PoWER-BERT, ICML 2020 (https://arxiv.org/abs/2001.08950).\n")
	}
	if e.Card.License == "" {
		fmt.Fprint(&text, "\nNo license is stated; card.license of the experiment does.\n")
	}
	aboutLabels(&text, &c)
	return []byte(text.String())
}

// aboutThresholds says what decides which labels are said, where each is by itself.
func aboutThresholds(text *strings.Builder, c *arch.Config) {
	if c.Thresholds == nil {
		return
	}
	fmt.Fprint(text, "Each label is by itself, with the sigmoid of its logit as probability, and is said from its threshold on (power_thresholds of config.json, listed below).\n"+
		"Thresholds are tuned for the F1 of each on the rows that chose the epoch; another tool that says labels from 1/2 on says others.\n")
}

// aboutRetention says what a retrained model keeps, and what that saves.
func aboutRetention(text *strings.Builder, s stage, work *train.Work, t *task, r *rundir.Result) {
	c := &work.Config
	if p := c.PowerRetention; p != nil {
		fmt.Fprintf(text, "\nKept by encoder, of max_length %d (%s ranks): %s\n", p.MaxLength, p.Ranks, strings.Trim(fmt.Sprint(p.Keep), "[]"))
		if p.Static() {
			fmt.Fprintf(text, "Strategy %s: it keeps fixed positions of an input, not the word-vectors that receive most attention.\n", p.Strategy)
		} else {
			fmt.Fprintf(text, "The word-vectors of the highest scores stay: %s.\n", retention.Scored(p.Score))
		}
	}
	if shares := c.Budgets.Shares(); len(shares) > 1 {
		fmt.Fprintf(text, "The same weights serve the budgets %s of dense BERT's multiply-adds, the first of which this is: power_budgets of config.json has a list for each, and `--budget` takes one.\n", strings.Trim(fmt.Sprint(shares), "[]"))
	}
	if s.retention == "" {
		return
	}
	if c.PowerRetention != nil {
		dense := estimate.MACs(c, &retention.Elimination{}, t.Dev, t.maxLength)
		fmt.Fprintf(text, "Multiply-adds on the dev set, against the same encoders dense: %.2f times fewer unpadded, %.2f times padded.\n",
			dense.Real/r.MACs.Real, dense.Padded/r.MACs.Padded)
	}
	switch s.retention {
	case searchedRetention:
	case givenRetention:
		fmt.Fprint(text, "The retention configuration was given, not searched.\n")
	case givenStudent:
		fmt.Fprint(text, "What it began as was given, not chosen.\n")
	default:
		fmt.Fprintf(text, "It is the candidate %s of those that competed at its price.\n", s.retention)
	}
}

// aboutTeacher says what a model that is searched or retrained learned from stage 1's.
func aboutTeacher(text *strings.Builder, work *train.Work, t *task) {
	d, c := work.Use.Distil, &work.Config
	if d.Soft > 0 {
		fmt.Fprintf(text, "It learned from stage 1's model, too: %s, with %g of the loss.\n", aboutHead[c.Problem()].taught(d.Temperature), d.Soft)
	}
	if t.taught > 0 {
		fmt.Fprintf(text, "Of %d texts without labels it learned what stage 1's model says of them.\n", t.taught)
	}
	if d.Patience > 0 {
		fmt.Fprintf(text, "Its [CLS] states learned from those of stage 1's model, with the weight %g.\n", d.Patience)
	}
}

// uses is what to do with a model in the directory DIR.
func uses(c *arch.Config) string {
	if c.MaskedLM() {
		return "`train finetune CONFIG --set model=DIR`"
	}
	return aboutHead[c.Problem()].uses
}

// aboutLabels lists the outputs of a model in the order of their ids, with the probability
// from which on each is said, where config.json has one (power_thresholds); nothing of a
// model whose outputs have no names.
func aboutLabels(text *strings.Builder, c *arch.Config) {
	labels := c.Labels()
	if c.MaskedLM() || len(labels) == 0 {
		return
	}
	fmt.Fprint(text, "\n## Labels\n\n| id | label |")
	if c.Thresholds != nil {
		fmt.Fprint(text, " said from |\n|--:|---|--:|\n")
	} else {
		fmt.Fprint(text, "\n|--:|---|\n")
	}
	for id, label := range labels {
		fmt.Fprintf(text, "| %d | %s |", id, strings.ReplaceAll(label, "|", `\|`))
		if c.Thresholds != nil {
			fmt.Fprintf(text, " %.3g |", c.Thresholds[id])
		}
		fmt.Fprintln(text)
	}
}
