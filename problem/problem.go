// Package problem says what the outputs of a model mean: which kinds of answer there
// are, how logits become one, what they lose against the truth, and how they are scored.
// It knows neither models nor files.
package problem

// A Kind is what is asked of an example. The words are those of problem_type in a
// Hugging Face config.json, which knows no MultipleChoice.
type Kind string

// The kinds.
const (
	Classification Kind = "single_label_classification" // one of the labels; a logit for each
	Regression     Kind = "regression"                  // a number; one output, which is it
	MultipleChoice Kind = "multiple_choice"             // one of the options, which the labels name; the logit of a sequence, which is one of them
)

// Sequence is what passes a model by itself: an "example", or of multiple choice an
// "option" of one.
func (k Kind) Sequence() string {
	if k == MultipleChoice {
		return "option"
	}
	return "example"
}

// Classes is how many labels there are to answer with; 0 of a regression.
func (k Kind) Classes(labels []string) int {
	if k == Regression {
		return 0
	}
	return len(labels)
}

// ComparedBy is the metric by which a model that the named one scores is compared with
// simpler ones: the accuracy, or of a regression the same.
func (k Kind) ComparedBy(name string) string {
	if k == Regression {
		return name
	}
	return "accuracy"
}
