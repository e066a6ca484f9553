// Package retention says which word-vectors stay (Goyal et al. 2020, arXiv 2001.08950,
// section 3): the words for how they are chosen, how many an encoder keeps of an input,
// and how the masses of a search become such counts. It is plain numbers, and knows
// neither graphs nor weights nor files.
//
// To read it: words.go (what can be chosen), mass.go (r becomes masses, and these counts),
// configuration.go (counts as a saved model carries them), scoring.go (how rows are scored and
// how many go on), draw.go (static strategies), meet.go (counts for a price), family.go
// (several prices), elimination.go (all of it as a network is told).
package retention
