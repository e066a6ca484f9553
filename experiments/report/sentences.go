package experiments

import (
	"fmt"
	"slices"
	"sort"

	"github.com/powerbert/powerbert/infer"
)

// A Sentence is a dev example with what PoWER-BERT makes of it.
type Sentence struct {
	Words       []Word  `json:"words"`
	Gold        string  `json:"gold"`        // label, or score
	Predicted   string  `json:"predicted"`   // the same
	Probability float64 `json:"probability"` // of the predicted label
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

// sentences are dev examples from short to long, most of them classified right
// and some wrong, as far as there are such. Scores are neither.
func (r *run) sentences() ([]Sentence, error) {
	var right, wrong []int
	for _, i := range byLength(r.dev) {
		if r.scored() || r.predicted[i] == r.dev[i].Label {
			right = append(right, i)
		} else {
			wrong = append(wrong, i)
		}
	}
	chosen := append(evenly(right, shownRight), evenly(wrong, shownWrong)...)
	sort.SliceStable(chosen, func(a, b int) bool { return r.dev[chosen[a]].Tokens() < r.dev[chosen[b]].Tokens() })
	var list []Sentence
	for _, i := range chosen {
		trace, err := r.power.TraceEncoded(r.dev[i])
		if err != nil {
			return nil, err
		}
		if r.scored() {
			list = append(list, scoredSentence(trace, r.dev[i].Score))
		} else {
			list = append(list, sentence(trace, r.texts.Labels[r.dev[i].Label]))
		}
	}
	return list, nil
}

// evenly is n of a list, or all where there are fewer, spread over it.
func evenly(list []int, n int) []int {
	if n >= len(list) {
		return slices.Clone(list)
	}
	chosen := make([]int, n)
	for i := range chosen {
		chosen[i] = list[(2*i+1)*len(list)/(2*n)]
	}
	return chosen
}

func sentence(t *infer.Trace, gold string) Sentence {
	p := t.Prediction
	return Sentence{Words: words(t), Gold: gold, Predicted: p.Label, Probability: p.Probabilities[p.Class], Right: p.Label == gold}
}

func scoredSentence(t *infer.Trace, gold float64) Sentence {
	return Sentence{Words: words(t), Gold: fmt.Sprintf("%.2f", gold), Predicted: fmt.Sprintf("%.2f", t.Prediction.Score)}
}

func words(t *infer.Trace) []Word {
	var list []Word
	texts, survives := t.Words()
	for i, w := range texts {
		list = append(list, Word{w, survives[i]})
	}
	return list
}
