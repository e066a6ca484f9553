package problem

// A Kind is what is asked of an example. The words are those of problem_type in a
// Hugging Face config.json, which knows neither MultipleChoice nor MaskedTokens.
type Kind string

// The kinds.
const (
	Classification Kind = "single_label_classification" // one of the labels; a logit for each
	MultiLabel     Kind = "multi_label_classification"  // any of the labels, each by itself; a logit for each, whose sigmoid is its probability
	Regression     Kind = "regression"                  // a number, or several; an output for each, which is it
	MultipleChoice Kind = "multiple_choice"             // one of the options, which the labels name; the logit of a sequence, which is one of them
	MaskedTokens   Kind = "masked_tokens"               // the tokens at masked positions; a logit for each of the vocabulary
)

// OfTable is the kind of a table's rows: each has several labels or none, scores, or else one
// of the labels.
func OfTable(several, scores bool) Kind {
	switch {
	case scores:
		return Regression
	case several:
		return MultiLabel
	}
	return Classification
}

// Types are the words that problem_type may have.
var Types = []string{string(Classification), string(MultiLabel), string(Regression)}

// Several tells whether each label is told by itself, so that an example may have several
// of them, or none.
func (k Kind) Several() bool { return k == MultiLabel }

// Labelled tells whether the answer is one of several labels; otherwise it is a score.
func (k Kind) Labelled() bool { return k != Regression }

// Guessed tells whether the answer is the tokens that are masked.
func (k Kind) Guessed() bool { return k == MaskedTokens }

// Chosen tells whether the answer is one of the options that an example brings.
func (k Kind) Chosen() bool { return k == MultipleChoice }

// Metrics are the names of what examples of this kind can be scored by, the usual one
// first.
func (k Kind) Metrics() []string {
	switch {
	case k.Several():
		return []string{"micro_f1", "macro_f1", "sample_f1", "map", "accuracy"}
	case k.Labelled():
		return []string{"accuracy", "f1", "macro_f1", "matthews"}
	}
	return []string{"spearman", "pearson"}
}

// Aimed tells whether an example has a number for each output to be held against, in
// place of a label: a score each, or of labels by themselves whether it has them.
func (k Kind) Aimed() bool { return k == Regression || k == MultiLabel }

// Sequence names what passes a model by itself: an "example", or of multiple choice an
// "option" of one.
func (k Kind) Sequence() string {
	if k.Chosen() {
		return "option"
	}
	return "example"
}

// Classes counts the labels there are to answer with; 0 of a regression.
func (k Kind) Classes(labels []string) int {
	if !k.Labelled() {
		return 0
	}
	return len(labels)
}

// ComparedBy names the metric by which a model that the named one scores is compared with
// simpler ones: the accuracy, or of scores and of labels by themselves the same.
func (k Kind) ComparedBy(name string) string {
	if k.Aimed() {
		return name
	}
	return "accuracy"
}
