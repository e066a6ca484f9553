// Package retention says which word-vectors stay (Goyal et al. 2020, arXiv 2001.08950,
// section 3): the words for how they are chosen, how many an encoder keeps of an input,
// and how the masses of a search become such counts. It is plain numbers, and knows
// neither graphs nor weights nor files.
package retention
