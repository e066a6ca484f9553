package problem

import "slices"

// Supervised are the kinds of which examples have the truth.
var Supervised = []Kind{Classification, Regression, MultipleChoice}

// Kinds are all.
var Kinds = append(slices.Clone(Supervised), MaskedTokens)

// Heads maps kinds to the classes of transformers for them, in the architectures of a
// config.json: BertForMultipleChoice is that of the model "Bert". A classifier of any kind
// may have been saved as MultiLabel, too.
func Heads(model string, kinds ...Kind) map[Kind]string {
	heads := map[Kind]string{MultiLabel: model + "ForSequenceClassification"}
	for _, k := range kinds {
		switch k {
		case MultipleChoice:
			heads[k] = model + "ForMultipleChoice"
		case MaskedTokens:
			heads[k] = model + "ForMaskedLM"
		default:
			heads[k] = model + "ForSequenceClassification"
		}
	}
	return heads
}

// Told is the kind that a config.json tells by its architectures, its problem_type and
// the number of its labels, given the classes for each kind: as the pipeline of
// transformers and the CrossEncoder of sentence-transformers have it, one label without
// "regression" is one by itself. A model of several classes guesses no masked tokens.
func Told(heads map[Kind]string, architectures []string, problemType string, labels int) Kind {
	guesses := heads[MaskedTokens]
	switch {
	case guesses != "" && slices.Equal(architectures, []string{guesses}):
		return MaskedTokens
	case slices.Contains(architectures, heads[MultipleChoice]):
		return MultipleChoice
	case problemType == string(Regression):
		return Regression
	case problemType == string(MultiLabel) || labels == 1:
		return MultiLabel
	}
	return Classification
}

// ProblemType is what problem_type says of the kind: nothing where the class says it.
func (k Kind) ProblemType() string {
	if k == Regression || k == MultiLabel {
		return string(k)
	}
	return ""
}

// TypeOfActivation is the problem_type that says the same as the activation, a class of
// PyTorch, which a CrossEncoder of sentence-transformers puts behind its logits: one that
// is left as it is, as of rankers, is a score, and sigmoids are labels by themselves; ""
// for others.
func TypeOfActivation(class string, labels int) string {
	switch {
	case class == "Identity" && labels == 1:
		return string(Regression)
	case class == "Sigmoid":
		return string(MultiLabel)
	}
	return ""
}
