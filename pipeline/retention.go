package pipeline

import (
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/optim"
	"github.com/powerbert/powerbert/retention"
)

// Retention is what the search leaves, retention.json.
type Retention struct {
	MaxLength int         `json:"max_length"` // N
	Ranks     string      `json:"ranks"`      // "absolute" or "relative"
	Lambda    float64     `json:"lambda"`
	Mass      []float64   `json:"mass"`      // mass(j; r) of each encoder
	Retention []int       `json:"retention"` // l_j of each encoder
	Reached   [][]int     `json:"reached"`   // per encoder and rank: training inputs of an epoch that reached it
	R         [][]float32 `json:"r"`         // per encoder and rank: the retention weight
}

// whole tells whether all lists are of the same encoders, and the ranks in them
// of the same length.
func (r *Retention) whole() bool {
	encoders := len(r.Retention)
	for j, weights := range r.R {
		if len(weights) != r.MaxLength || j >= len(r.Reached) || len(r.Reached[j]) != r.MaxLength {
			return false
		}
	}
	return encoders > 0 && len(r.Mass) == encoders && len(r.R) == encoders && len(r.Reached) == encoders
}

// TravelBudget is how far r can move in a search at most where only the
// regulariser pulls: Adam moves it by about its learning rate per step, whatever
// λ is. Below 1, such an r cannot reach 0.
func TravelBudget(lrR float64, s optim.Schedule) float64 { return lrR * s.Sum() }

// reached counts, for every rank, the inputs that have a word-vector of that
// rank; with relative ranks every input reaches every rank. The counts are the
// same for all encoders, since the search removes nothing.
func reached(examples []data.Encoded, ranks string, length int) []int {
	counts := make([]int, length)
	for _, n := range data.Lengths(examples) {
		if ranks == retention.RanksRelative {
			n = length
		}
		for k := range min(n, length) {
			counts[k]++
		}
	}
	return counts
}

// unreached is the largest share of any encoder's mass that lies on ranks no
// input reaches, and the encoder (1-based).
func (r *Retention) unreached() (share float64, encoder int) {
	for j, weights := range r.R {
		idle := 0.0
		for k, w := range weights {
			if r.Reached[j][k] == 0 {
				idle += float64(w)
			}
		}
		if r.Mass[j] > 0 && idle/r.Mass[j] > share {
			share, encoder = idle/r.Mass[j], j+1
		}
	}
	return share, encoder
}
