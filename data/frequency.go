package data

import (
	"math"

	"github.com/powerbert/powerbert/data/tokenizer"
)

// FrequencyPerplexity is the perplexity on dev of guessing tokens by how often they
// occur in train and by nothing else: exp of the cross-entropy per token that is
// not special, with one added to every count. A masked-language model that does no
// better has not learned to read.
func FrequencyPerplexity(train, dev []Encoded, tok tokenizer.Tokenizer) float64 {
	counts, all := make([]float64, tok.Size()), float64(tok.Size())
	for i := range counts {
		counts[i] = 1
	}
	for _, e := range train {
		for _, id := range e.IDs {
			if !tok.Special(id) {
				counts[id]++
				all++
			}
		}
	}
	sum, n := 0.0, 0
	for _, e := range dev {
		for _, id := range e.IDs {
			if !tok.Special(id) {
				sum += math.Log(all / counts[id])
				n++
			}
		}
	}
	return math.Exp(sum / float64(n))
}
