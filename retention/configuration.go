package retention

import (
	"math/rand/v2"
	"slices"
)

// A Configuration is a retention configuration, as config.json carries it so that a
// saved model knows its own structure, and so does the modelling file beside it.
type Configuration struct {
	MaxLength        int    `json:"max_length"`          // N, which Keep refers to
	Ranks            string `json:"ranks"`               // "absolute", or "relative" to an input's real length
	Keep             []int  `json:"retention"`           // l_1 … l_L, not increasing
	Score            string `json:"score,omitempty"`     // by which word-vectors are significant: one of Scores; "" is the first
	PadQueriesVote   bool   `json:"pad_queries_vote"`    // attention paid by padding counts
	SubtractDiagonal bool   `json:"subtract_diagonal"`   // P_h[w, w] does not count
	Strategy         string `json:"strategy,omitempty"`  // what is kept: one of Strategies; "" is the first
	Positions        []int  `json:"positions,omitempty"` // StrategyRandom: 0 … N−1 in the order in which they are drawn
}

// Static tells whether r keeps fixed positions and scores no word-vector.
func (r *Configuration) Static() bool {
	return r.Strategy == StrategyRandom || r.Strategy == StrategyHead
}

// DrawPositions draws the positions 0 … n−1 for StrategyRandom: 0, of [CLS], and
// then the others in an order that belongs to seed.
func DrawPositions(n int, seed uint64) []int {
	order := rand.New(rand.NewPCG(seed, 0)).Perm(n - 1)
	for i := range order {
		order[i]++
	}
	return slices.Insert(order, 0, 0)
}

// Draw is the order of r for a model of so many positions; nil where r is not
// static. Those beyond N come last, as they are.
func (r *Configuration) Draw(positions int) *Draw {
	if !r.Static() {
		return nil
	}
	order := make([]int32, positions)
	for p := range order {
		order[p] = int32(p)
	}
	for k, p := range r.Positions {
		order[k] = int32(p)
	}
	return NewDraw(order)
}
