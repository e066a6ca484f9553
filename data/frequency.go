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
	seen, asked := countIDs(train, tok.Size()), countIDs(dev, tok.Size())
	var all, sum, n float64
	for id := range seen {
		if tok.Special(int32(id)) {
			seen[id], asked[id] = 0, 0
		}
		all += seen[id] + 1
	}
	for id, times := range asked {
		sum += times * math.Log(all/(seen[id]+1))
		n += times
	}
	return math.Exp(sum / n)
}

// countIDs is how often each of so many ids occurs.
func countIDs(set []Encoded, size int) []float64 {
	counts := make([]float64, size)
	for _, e := range set {
		for _, id := range e.IDs {
			counts[id]++
		}
	}
	return counts
}
