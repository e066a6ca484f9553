package arch

import (
	"cmp"
	"fmt"

	"github.com/powerbert/powerbert/problem"
)

// Problem is what the outputs of the model are for.
func (c *Config) Problem() problem.Kind {
	return problem.Told(c.Family().Heads, c.Architectures, cmp.Or(c.ProblemType, problem.TypeOfActivation(sentenceActivation(c.Extra), c.NumLabels())), c.NumLabels())
}

// SetProblem makes the model one for a problem with these labels: of MultipleChoice
// the names of the options, of Regression those of the scores. No problem is
// Classification.
func (c *Config) SetProblem(p problem.Kind, labels []string) {
	forgetSentence(c.Extra)
	c.SetLabels(labels)
	c.Thresholds = nil
	c.ProblemType, c.Architectures = p.ProblemType(), []string{c.Family().Heads[cmp.Or(p, problem.Classification)]}
}

// SaidFrom returns the least probability of each label that is said where the model is used,
// which is at its temperature; nil: 1/2.
func (c *Config) SaidFrom() []float64 { return problem.TemperedThresholds(c.Thresholds, c.Temperature) }

// Architecture is the class of transformers that runs the model.
func (c *Config) Architecture() string { return c.Family().Heads[c.Problem()] }

// MaskedLM tells whether the model guesses masked tokens, instead of classifying.
func (c *Config) MaskedLM() bool { return c.Problem().Guessed() }

// SetMaskedLM makes it one that guesses masked tokens. It is an error where the family
// has no such head.
func (c *Config) SetMaskedLM() error {
	head := c.Family().guesses()
	if head == "" {
		return fmt.Errorf("model_type is %q, want %s for masked-language modelling", c.ModelType, oneOf(guessing()))
	}
	c.Architectures = []string{head}
	return nil
}

// SetClassifier makes it one that answers for a sequence, where it guessed masked tokens:
// of the one class for that, whatever others config.json has.
func (c *Config) SetClassifier() {
	if c.MaskedLM() {
		c.Architectures = nil
	}
	c.Architectures = []string{c.Architecture()}
}

// guesses is the class for masked tokens; "" where there is none.
func (f *Family) guesses() string { return f.Heads[problem.MaskedTokens] }

// guessing are the model_types with such a class.
func guessing() (all []string) {
	for _, f := range families {
		if f.guesses() != "" {
			all = append(all, f.Type)
		}
	}
	return all
}

// Outputs is how many numbers the head makes of a sequence.
func (c *Config) Outputs() int {
	if c.Problem().Chosen() {
		return 1
	}
	return c.NumLabels()
}

// Options is how many sequences make an example, each with one of its options; 0: as many
// as it brings, where config.json names none.
func (c *Config) Options() int {
	if c.Problem().Chosen() {
		return len(c.ID2Label)
	}
	return 1
}
