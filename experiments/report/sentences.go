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
	Entering    []int   `json:"entering"`    // word-vectors that enter each encoder
}

// A Word is a word of a sentence, joined of its pieces.
type Word struct {
	Text     string  `json:"text"`
	Survives int     `json:"survives"`        // encoders that it lives through, 0 to L
	Ranks    []int   `json:"ranks,omitempty"` // among those that enter an encoder, from the first encoder on: 1 has the highest score
	Score    float64 `json:"score,omitempty"` // in the last encoder that ranks it: the one that lets it go, or the last that keeps it
}

// How many sentences a report shows.
const (
	shownRight = 6
	shownWrong = 2
)

// Sentences shows examples from short to long with what the model m makes of them: most
// that it classified right and some wrong, as far as there are such, by what it said of
// all. Scores are neither.
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
			Probability: p.Probability(), Right: said.Verdict(i) == problem.Right, Entering: entering(trace.Survives, m.Config.NumHiddenLayers)})
	}
	return list, nil
}

// entering counts the word-vectors that enter each encoder.
func entering(survives []int, encoders int) []int {
	counts := make([]int, encoders)
	for _, lived := range survives {
		for j := range min(lived+1, encoders) {
			counts[j]++
		}
	}
	return counts
}

func words(t *infer.Trace) []Word {
	var list []Word
	texts, survives := t.Words()
	for i, s := range t.WordStandings() {
		list = append(list, Word{texts[i], survives[i], s.Ranks, s.Score})
	}
	return list
}
