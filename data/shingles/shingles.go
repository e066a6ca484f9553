// Package shingles tells which texts are nearly the same, or one a part of another, by their
// runs of a few words (Broder 1997).
//
// To read it: words.go, what a word is; shingles.go, the set of a text, and what two sets have
// in common; groups.go, the texts that belong together.
package shingles

import "slices"

// Words is how many words in a row make a shingle.
const Words = 3

// Of returns the shingles of texts that belong together, as hashes, sorted, each once: runs of
// Words words of each normal text without signs. One of fewer words has the run of all its
// words; without words it has none.
func Of(texts []string) (set []uint64) {
	for k, text := range texts {
		var window [Words]uint64
		n := 0
		for w := range EachWord(Normal(text), false) {
			copy(window[:], window[1:])
			window[Words-1] = hash(w) + uint64(k) // another hash in the second text
			if n++; n >= Words {
				set = append(set, Fold(window[:]))
			}
		}
		if n > 0 && n < Words {
			set = append(set, Fold(window[:]))
		}
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// Common is how many shingles two sets have in common.
func Common(a, b []uint64) (both int) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			i, j, both = i+1, j+1, both+1
		}
	}
	return both
}

// hash is FNV-1a of a word.
func hash(w string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(w) {
		h = (h ^ uint64(w[i])) * 1099511628211
	}
	return h
}

// Fold is one hash of several, in their order.
func Fold(hashes []uint64) (h uint64) {
	for _, one := range hashes {
		h = Mix(h ^ one)
	}
	return h
}

// Mix spreads a number over all bits (splitmix64's finaliser, Steele et al. 2014).
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
