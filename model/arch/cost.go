package arch

import "github.com/powerbert/powerbert/retention"

// Cost is the multiply-adds that the networks of package model do in the encoders, and in a
// mapping of the embedding, for one sequence of rows word-vectors, of which length are real
// (the others are padding). An encoder that n word-vectors enter and l leave takes
//
//	3·n·H² + n²·H + l·n·H + l·H² + 2·l·H·F
//
// for only the queries that go on are multiplied by V and projected, and the last encoder is
// computed for what is read of it (Net.Reading). The paper's way, extraction after Add &
// LayerNorm, would take 4·n·H² + 2·n²·H + 2·l·H·F. The tables of the embedding and the head
// are left out, as in the paper, and so are the scores of word-vectors: n·H for the norms of
// values is 1/(12·H) of a dense encoder where F is 4·H.
func (n *Net) Cost(e *retention.Elimination, rows, length int) int {
	sum := 0
	if m := n.Embedding.Mapping; m != nil {
		sum = m.cost(rows)
	}
	for j, r := range n.Rows(&Pass{Elimination: *e}, rows, length) {
		sum += n.Blocks[j].cost(r, rows)
	}
	return sum
}

// cost is the multiply-adds of one encoder for a sequence of a text of so many rows.
func (b *Block) cost(r Rows, text int) int {
	a, f := &b.Attention, &b.FFN
	sum := a.Query.cost(r.Queries()) + a.Key.cost(r.In) + a.Value.cost(r.In)
	sum += a.pairs(r.Queries(), r.In, text)*a.Query.Out + a.pairs(r.Out, r.In, text)*a.Value.Out + a.Output.cost(r.Out)
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
func (n *Net) MeanCost(e *retention.Elimination, lengths []int, padTo int) float64 {
	sum, known := 0, map[int]int{} // costs by length, of which a set has few
	for _, length := range lengths {
		cost, seen := known[length]
		if !seen {
			cost = n.Cost(e, max(length, padTo), length)
			known[length] = cost
		}
		sum += cost
	}
	return float64(sum) / float64(len(lengths))
}
