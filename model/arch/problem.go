package arch

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/problem"
)

// Problem is what the outputs of a model are for: as transformers has it, one label is
// a regression.
func (c *Config) Problem() problem.Kind {
	heads := c.Family().Heads
	guesses := heads[problem.MaskedTokens]
	switch {
	case guesses != "" && slices.Equal(c.Architectures, []string{guesses}):
		return problem.MaskedTokens
	case slices.Contains(c.Architectures, heads[problem.MultipleChoice]):
		return problem.MultipleChoice
	case c.ProblemType == string(problem.Regression) || c.NumLabels() == 1:
		return problem.Regression
	}
	return problem.Classification
}

// SetProblem makes the model one for a problem with these labels: of MultipleChoice
// the names of the options, of Regression the name of the score. No problem is
// Classification.
func (c *Config) SetProblem(p problem.Kind, labels []string) {
	c.SetLabels(labels)
	c.ProblemType, c.Architectures = "", []string{c.Family().Heads[cmp.Or(p, problem.Classification)]}
	if p == problem.Regression {
		c.ProblemType = string(problem.Regression)
	}
}

// Architecture is the class of transformers that runs the model.
func (c *Config) Architecture() string { return c.Family().Heads[c.Problem()] }

// MaskedLM tells whether the model guesses masked tokens, instead of classifying.
func (c *Config) MaskedLM() bool { return c.Problem() == problem.MaskedTokens }

// SetMaskedLM makes it one that guesses masked tokens. It is an error where the family
// has no such head.
func (c *Config) SetMaskedLM() error {
	head := c.Family().Heads[problem.MaskedTokens]
	if head == "" {
		return fmt.Errorf("model_type is %q, want %s for masked-language modelling", c.ModelType, oneOf(guessing()))
	}
	c.Architectures = []string{head}
	return nil
}

// guessing are the model_types with a head for masked-language modelling.
func guessing() (all []string) {
	for _, f := range families {
		if f.Heads[problem.MaskedTokens] != "" {
			all = append(all, f.Type)
		}
	}
	return all
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
