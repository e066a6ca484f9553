package model

import (
	"slices"

	G "gorgonia.org/gorgonia"

	"github.com/powerbert/powerbert/loss"
)

// A Problem is what the outputs of a model say. The words are those of
// problem_type in a Hugging Face config.json, which knows no MultipleChoice.
type Problem string

// The problems.
const (
	Classification Problem = "single_label_classification" // a logit for each label
	Regression     Problem = "regression"                  // one output, which is the score
	MultipleChoice Problem = "multiple_choice"             // one output: the logit of a sequence, which is one of the options of its example
)

// Problem is that of a model with outputs for one: as transformers has it, one label is a regression.
func (c *Config) Problem() Problem {
	switch {
	case slices.Contains(c.Architectures, c.Family().Choice):
		return MultipleChoice
	case c.ProblemType == string(Regression) || c.NumLabels() == 1:
		return Regression
	}
	return Classification
}

// SetProblem makes the model one for a problem with these labels: of MultipleChoice
// the names of the options, of Regression the name of the score.
func (c *Config) SetProblem(p Problem, labels []string) {
	c.SetLabels(labels)
	c.ProblemType, c.Architectures = "", []string{c.Family().Architecture}
	switch p {
	case Regression:
		c.ProblemType = string(Regression)
	case MultipleChoice:
		c.Architectures = []string{c.Family().Choice}
	}
}

// Architecture is the class of transformers that runs the model.
func (c *Config) Architecture() string {
	switch {
	case c.MaskedLM():
		return maskedLMHead
	case c.Problem() == MultipleChoice:
		return c.Family().Choice
	}
	return c.Family().Architecture
}

// Outputs is how many numbers the head makes of a sequence.
func (c *Config) Outputs() int {
	if c.Problem() == MultipleChoice {
		return 1
	}
	return c.NumLabels()
}

// Options is how many sequences make an example, each with one of its options.
func (c *Config) Options() int {
	if c.Problem() == MultipleChoice {
		return c.NumLabels()
	}
	return 1
}

// problemLoss is what training for a problem minimises, elimination and teachers aside.
func (n *Net[T]) problemLoss() (*G.Node, error) {
	switch n.config.Problem() {
	case Regression:
		return loss.SquaredError[T](n.Batch, &n.Batch.Scores, n.Logits)
	case MultipleChoice:
		return loss.Choice[T](n.Batch, n.config.Options(), n.Logits)
	}
	return loss.CrossEntropy[T](n.Batch, n.Logits)
}
