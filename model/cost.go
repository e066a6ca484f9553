package model

import "github.com/powerbert/powerbert/retention"

// Convention says which multiply-adds of an encoder are counted.
type Convention string

// The conventions. Letters: n word-vectors enter the encoder, l go on, H hidden,
// F feed-forward width.
const (
	// Published counts 4·n·H² + 2·n²·H + 2·l·H·F: extraction after Add & LayerNorm,
	// as in the paper.
	Published Convention = "published"
	// EarlyGather counts 3·n·H² + n²·H + l·n·H + l·H² + 2·l·H·F: only the queries
	// that go on are multiplied by V and projected.
	EarlyGather Convention = "early-gather"
	// Executed is EarlyGather with the last encoder computed for [CLS] alone, which
	// also needs only one row of Q, except where soft extraction ranks [CLS] or
	// masked tokens are guessed: what the networks of this package really do; and
	// n·E·H of ALBERT's mapping of the embedding.
	Executed Convention = "executed"
)

// Cost is the multiply-adds of the encoders for one sequence of rows
// word-vectors, of which length are real (the others are padding). The embedding
// and the head are left out, as in the paper.
func (c *Config) Cost(by Convention, e *retention.Elimination, rows, length int) int {
	sum, n := 0, rows
	if by == Executed && c.Family().Mapping != "" {
		sum = rows * c.EmbeddingSize * c.HiddenSize
	}
	for j := range c.NumHiddenLayers {
		l := n
		if e.Keep != nil {
			s := e.Scoring(j)
			l = min(s.Rows(rows, length), n)
		}
		last := j == c.NumHiddenLayers-1 && !c.MaskedLM()
		if by == Executed && last && e.Soft {
			by, l = EarlyGather, 1
		}
		sum += c.encoderCost(by, n, l, last)
		n = l
	}
	return sum
}

func (c *Config) encoderCost(by Convention, n, l int, last bool) int {
	h, f := c.HiddenSize, c.IntermediateSize
	switch {
	case by == Published:
		return 4*n*h*h + 2*n*n*h + 2*l*h*f
	case by == Executed && last:
		return 2*n*h*h + h*h + 2*n*h + h*h + 2*h*f
	}
	return 3*n*h*h + n*n*h + l*n*h + l*h*h + 2*l*h*f
}

// MeanCost is Cost averaged over sequences of the given real lengths, each
// padded to padTo rows; padTo 0 pads none.
func (c *Config) MeanCost(by Convention, e *retention.Elimination, lengths []int, padTo int) float64 {
	sum := 0
	for _, n := range lengths {
		sum += c.Cost(by, e, max(n, padTo), n)
	}
	return float64(sum) / float64(len(lengths))
}
