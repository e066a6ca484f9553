package retention

// The strategies of word-vector selection (Goyal et al. 2020, section 3.2).
const (
	StrategyAttention = "attention" // Attn-WS: the word-vectors that receive most attention
	StrategyRandom    = "random"    // Rand-WS: positions drawn once, the same for all inputs
	StrategyHead      = "head"      // Head-WS: the first positions
)

// Strategies are all of them; the first is meant where none is named.
var Strategies = []string{StrategyAttention, StrategyRandom, StrategyHead}

// Where the list of a retention configuration comes from, when it is to meet a budget.
const (
	ListLearned   = "learned"   // from the masses of the paper's search, scaled in proportion
	ListGeometric = "geometric" // by a rule: each encoder keeps the same part of what comes to it
)

// How significant a word-vector is.
const (
	ScoreAttention = "attention" // the attention that it receives, summed over heads and queries
	ScoreValue     = "value"     // the same, a head's times the norm of the word-vector's value in it
)

// Scores are all of them; the first is meant where none is named.
var Scores = []string{ScoreAttention, ScoreValue}

// Scored says in words what a score is.
func Scored(score string) string {
	if score == ScoreValue {
		return "attention times value norms"
	}
	return "attention"
}

// What ranks and counts of word-vectors refer to.
const (
	RanksAbsolute = "absolute" // the rank itself
	RanksRelative = "relative" // the rank as a share of an input's real length
)

// How a mass becomes a count.
const (
	RoundingCeil  = "ceil"  // up, as the paper has it
	RoundingFloor = "floor" // down, as its authors' code does
)
