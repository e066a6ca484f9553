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
