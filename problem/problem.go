// Package problem says what the outputs of a model mean: which kinds of answer there
// are, how logits become one, what they lose against the truth, and how they are scored.
// It knows neither models nor files.
package problem

// A Kind is what is asked of an example. The words are those of problem_type in a
// Hugging Face config.json, which knows neither MultipleChoice nor MaskedTokens.
type Kind string

// The kinds.
const (
	Classification Kind = "single_label_classification" // one of the labels; a logit for each
	Regression     Kind = "regression"                  // a number; one output, which is it
	MultipleChoice Kind = "multiple_choice"             // one of the options, which the labels name; the logit of a sequence, which is one of them
	MaskedTokens   Kind = "masked_tokens"               // the tokens at masked positions; a logit for each of the vocabulary
)
