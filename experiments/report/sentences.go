package report

import (
	"slices"
	"sort"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/problem"
)

// A Sentence is a dev example with what PoWER-BERT makes of it.
type Sentence struct {
	Words       []Word  `json:"words"`
	Gold        string  `json:"gold"`        // label, or score
	Predicted   string  `json:"predicted"`   // the same
	Probability float64 `json:"probability"` // of the predicted label; 0 of a score
	Right       bool    `json:"right"`       // the label is
}

// A Word is a word of a sentence, joined of its pieces.
type Word struct {
	Text     string `json:"text"`
	Survives int    `json:"survives"` // encoders that it lives through, 0 to L
}

// How many sentences a report shows.
const (
	shownRight = 6
	shownWrong = 2
)

// Sentences are examples from short to long with what the model m makes of them, most
// of them classified right and some wrong by what it said of all, as far as there are
// such. Scores are neither.
func Sentences(m *infer.Model, set *Set, said *problem.Outputs) (list []Sentence, err error) {
	var right, wrong []int
	for _, i := range byLength(set.Encoded) {
		if said.Verdict(i) == problem.Wrong {
			wrong = append(wrong, i)
		} else {
			right = append(right, i)
		}
	}
	chosen := slices.Concat(evenly(right, shownRight), evenly(wrong, shownWrong))
	sort.SliceStable(chosen, func(a, b int) bool { return set.Encoded[chosen[a]].Tokens() < set.Encoded[chosen[b]].Tokens() })
	for _, i := range chosen {
		trace, err := m.TraceEncoded(set.Encoded[i])
		if err != nil {
			return nil, err
		}
		p := &trace.Prediction
		list = append(list, Sentence{Words: words(trace), Gold: said.Truth(set.Labels, i), Predicted: p.String(),
			Probability: p.Probability(), Right: said.Verdict(i) == problem.Right})
	}
	return list, nil
}

func words(t *infer.Trace) []Word {
	var list []Word
	texts, survives := t.Words()
	for i, w := range texts {
		list = append(list, Word{w, survives[i]})
	}
	return list
}
