package arch

import "github.com/powerbert/powerbert/retention"

// Convention says which multiply-adds of an encoder are counted.
type Convention string

// The conventions. Letters: n word-vectors enter the encoder, l go on.
const (
	// Published counts 4·n·H² + 2·n²·H + 2·l·H·F: extraction after Add & LayerNorm,
	// as in the paper.
	Published Convention = "published"
	// EarlyGather counts 3·n·H² + n²·H + l·n·H + l·H² + 2·l·H·F: only the queries
	// that go on are multiplied by V and projected.
	EarlyGather Convention = "early-gather"
	// Executed is EarlyGather with the last encoder computed for what is read of it
	// (Net.Reading), and n·E·H of a mapping of the embedding: what the networks of
	// package model really do.
	Executed Convention = "executed"
)

// Cost is the multiply-adds of the encoders for one sequence of rows
// word-vectors, of which length are real (the others are padding). The tables of the
// embedding and the head are left out, as in the paper, and so are the scores of
// word-vectors: n·H for the norms of values is 1/(12·H) of a dense encoder where F is 4·H.
func (n *Net) Cost(by Convention, e *retention.Elimination, rows, length int) int {
	sum := 0
	if m := n.Embedding.Mapping; by == Executed && m != nil {
		sum = m.cost(rows)
	}
	p := &Pass{Elimination: *e, Full: by != Executed}
	for j, r := range n.Rows(p, rows, length) {
		sum += n.Blocks[j].cost(by, r, rows)
	}
	return sum
}

// cost is the multiply-adds of one encoder for a sequence of a text of so many rows.
func (b *Block) cost(by Convention, r Rows, text int) int {
	a, f, going := &b.Attention, &b.FFN, r.Out
	if by == Published {
		going = r.In
	}
	sum := a.Query.cost(r.Queries()) + a.Key.cost(r.In) + a.Value.cost(r.In)
	sum += a.pairs(r.Queries(), r.In, text)*a.Query.Out + a.pairs(going, r.In, text)*a.Value.Out + a.Output.cost(going)
	return sum + f.In.cost(r.Out) + f.Out.cost(r.Out)
}

// WindowTile is how many queries with a window run at once, over the keys that any of them
// reads.
const WindowTile = 32

// pairs is how many pairs of queries and keys of a sequence are multiplied. With a window
// both are taken to be spread evenly over the text, of so many rows.
func (a *Attention) pairs(queries, keys, text int) (sum int) {
	if a.Window == nil {
		return queries * keys
	}
	before := func(position int) int { return (position*keys + text - 1) / text } // keys
	for first := 0; first < queries; first += WindowTile {
		end := min(first+WindowTile, queries)
		from := max(0, first*text/queries-*a.Window)
		to := min(text, (end-1)*text/queries+*a.Window+1)
		sum += (end - first) * (before(to) - before(from))
	}
	return sum
}

func (l *Linear) cost(rows int) int { return rows * l.In * l.Out }

// MeanCost is Cost averaged over sequences of the given real lengths, each
// padded to padTo rows; padTo 0 pads none.
func (n *Net) MeanCost(by Convention, e *retention.Elimination, lengths []int, padTo int) float64 {
	sum, known := 0, map[int]int{} // costs by length, of which a set has few
	for _, length := range lengths {
		cost, seen := known[length]
		if !seen {
			cost = n.Cost(by, e, max(length, padTo), length)
			known[length] = cost
		}
		sum += cost
	}
	return float64(sum) / float64(len(lengths))
}

// Share is the part that elimination leaves of the multiply-adds that are executed for
// sequences of the given real lengths, unpadded: 1 removes nothing.
func (n *Net) Share(e *retention.Elimination, lengths []int) float64 {
	return n.MeanCost(Executed, e, lengths, 0) / n.MeanCost(Executed, &retention.Elimination{}, lengths, 0)
}
