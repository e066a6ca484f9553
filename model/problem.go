package model

import (
	"slices"

	"github.com/powerbert/powerbert/loss"
	"github.com/powerbert/powerbert/problem"
)

// Problem is what the outputs of the model answer; as transformers has it, one label is
// a regression.
func (c *Config) Problem() problem.Kind {
	switch {
	case c.MaskedLM():
		return problem.MaskedTokens
	case slices.Contains(c.Architectures, c.Family().Choice):
		return problem.MultipleChoice
	case c.ProblemType == string(problem.Regression) || c.NumLabels() == 1:
		return problem.Regression
	}
	return problem.Classification
}

// SetProblem makes the model one for a problem with these labels: of MultipleChoice
// the names of the options, of Regression the name of the score.
func (c *Config) SetProblem(p problem.Kind, labels []string) {
	c.SetLabels(labels)
	c.ProblemType, c.Architectures = "", []string{c.Family().Architecture}
	switch p {
	case problem.Regression:
		c.ProblemType = string(problem.Regression)
	case problem.MultipleChoice:
		c.Architectures = []string{c.Family().Choice}
	}
}

// Architecture is the class of transformers that runs the model.
func (c *Config) Architecture() string {
	switch c.Problem() {
	case problem.MaskedTokens:
		return maskedLMHead
	case problem.MultipleChoice:
		return c.Family().Choice
	}
	return c.Family().Architecture
}

// Outputs is how many numbers the head makes of a sequence.
func (c *Config) Outputs() int {
	if c.Problem() == problem.MultipleChoice {
		return 1
	}
	return c.NumLabels()
}

// Options is how many sequences make an example, each with one of its options.
func (c *Config) Options() int {
	if c.Problem() == problem.MultipleChoice {
		return c.NumLabels()
	}
	return 1
}

// asked is what the outputs are held against.
func (c *Config) asked() loss.Problem {
	p := loss.Problem{Kind: c.Problem(), Options: c.Options(), Classes: c.NumLabels()}
	if p.Kind == problem.MaskedTokens {
		p.Classes = c.VocabSize
	}
	return p
}
