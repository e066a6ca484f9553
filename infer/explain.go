package infer

import (
	"context"
	"errors"
	"fmt"

	"github.com/powerbert/powerbert/data"
)

// An Explained is a word of a text and what it is to the prediction.
type Explained struct {
	data.Word
	Survives int // encoders that the longest-lived of its pieces lives through, 0 to L
	// Falls are by how much the probability of the label that is said falls without the word,
	// or each score; below 0 it rises.
	Falls []float64
}

// EncodeWords is Encode of an example that is to be explained.
func (m *Model) EncodeWords(e data.Example, paired bool) data.Encoded {
	return e.EncodeWords(paired, m.Tokenizer, m.maxLength, m.Config.Window)
}

// Explain predicts an example of EncodeWords, follows its words and leaves each out in its
// turn, in batches (occlusion: Zeiler and Fergus 2014; of words Li, Monroe and Jurafsky
// 2016). [MASK] takes the place of a word's every piece: deleted, it would move the words
// behind it to other positions and leave its place among those that survive to another, so
// that the fall would not be its own. What a sigmoid or softmax has reached does not show
// what two words say both: each may be left out and little fall. A word that survives no
// encoder still counts by what the others took from it.
func (m *Model) Explain(ctx context.Context, e data.Encoded) (*Trace, error) {
	mask, ok := data.Mask(m.Tokenizer)
	switch {
	case e.Choices != nil:
		return nil, errors.New("infer: the words of a question with options cannot be explained, want a text or a pair")
	case !ok:
		return nil, errors.New("infer: the vocabulary has no [MASK] or <mask>, which takes the place of a word that is left out")
	}
	whole, err := m.Follow(ctx, []data.Encoded{e}, 1)
	if err != nil {
		return nil, err
	}
	var without []data.Encoded
	for _, w := range e.Words {
		without = append(without, e.Without(w, mask))
	}
	said, err := m.Run(ctx, without, 0, 1)
	if err != nil {
		return nil, fmt.Errorf("without a word: %w", err)
	}
	t := &Trace{Prediction: whole.Predictions[0]}
	for i, w := range e.Words {
		x := Explained{Word: w, Falls: falls(t.Prediction, said.Predictions[i])}
		for _, p := range w.Places {
			for _, lived := range whole.Survives[p.Sequence][p.From:p.To] {
				x.Survives = max(x.Survives, lived)
			}
		}
		t.Explained = append(t.Explained, x)
	}
	return t, nil
}

// falls are by how much the probability of what is said is less, or the scores are.
func falls(whole, without Prediction) []float64 {
	switch {
	case whole.Probabilities != nil:
		return []float64{whole.Probability() - without.Probabilities[whole.Class]}
	case whole.Scores == nil:
		return []float64{whole.Score - without.Score}
	}
	list := make([]float64, len(whole.Scores))
	for i, score := range whole.Scores {
		list[i] = score - without.Scores[i]
	}
	return list
}
