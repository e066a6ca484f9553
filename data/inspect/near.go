package inspect

import (
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/data"
)

// What makes two rows near: a Jaccard similarity of at least nearShare of their sets of
// nearWords words in a row, of the normal text without signs. Rows of fewer words have the
// one of all their words.
const (
	nearWords = 3
	nearShare = 0.8
)

// Candidates are rows that agree in all hashes of one band: at a similarity of 0.8 all but
// (1 − 0.8⁴)¹⁶ = 0.02 % of the pairs (Broder 1997; Leskovec, Rajaraman and Ullman 2014, ch. 3).
const (
	bands    = 16
	bandRows = 4
)

// A signature is the least hash of a row's shingles under each of the hash functions.
type signature [bands * bandRows]uint64

// devNearTrain finds dev rows whose texts nearly stand in train, but not letter by letter.
func devNearTrain(l *look) (found []Finding) {
	for _, dev := range l.devs {
		near := nearest(dev, l.train)
		f := Finding{Name: "dev near train", Set: dev.name, Of: len(dev.Examples),
			Remedy: "take them out of train, or the score says how well they are remembered"}
		for i := range dev.Examples {
			if at, is := near[i]; is {
				p := dev.place(i)
				p.Like = place(l.train.Path, l.train.Examples[at].Line)
				f.Count++
				f.add(p)
			}
		}
		f.What = fmt.Sprintf("%d of %d rows (%s) are nearly in train: of their sets of %d words in a row at least %g are the same",
			f.Count, f.Of, percent(f.Count, f.Of), nearWords, nearShare)
		found = append(found, f.list()...)
	}
	return found
}

// nearest is, of each dev row that is near a training row and the same as none, the first
// training row that it is near to.
func nearest(dev, train *part) map[int]int {
	shingles := make([][]uint64, len(dev.Examples))
	buckets := make([]map[uint64][]int, bands)
	for b := range buckets {
		buckets[b] = map[uint64][]int{}
	}
	for i := range dev.Examples {
		shingles[i] = shinglesOf(&dev.Examples[i])
		for b, h := range bandsOf(shingles[i]) {
			buckets[b][h] = append(buckets[b][h], i)
		}
	}
	near, same := map[int]int{}, map[int]bool{}
	for at := range train.Examples {
		e := &train.Examples[at]
		set := shinglesOf(e)
		for _, i := range candidates(buckets, set) {
			_, known := near[i]
			switch {
			case key(e) == key(&dev.Examples[i]):
				same[i] = true
			case !known && jaccard(set, shingles[i]) >= nearShare:
				near[i] = at
			}
		}
	}
	for i := range same {
		delete(near, i)
	}
	return near
}

// candidates are the rows of the buckets that share a band with a set of shingles.
func candidates(buckets []map[uint64][]int, set []uint64) (rows []int) {
	for b, h := range bandsOf(set) {
		rows = append(rows, buckets[b][h]...)
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// shinglesOf are hashes of the shingles of an example's texts, sorted, each once. A text
// without words has none.
func shinglesOf(e *data.Example) (set []uint64) {
	for k, text := range texts(e) {
		var window [nearWords]uint64
		n := 0
		for w := range words(normal(text), false) {
			copy(window[:], window[1:])
			window[nearWords-1] = hash(w) + uint64(k) // another hash in the second text
			if n++; n >= nearWords {
				set = append(set, fold(window))
			}
		}
		if n > 0 && n < nearWords {
			set = append(set, fold(window))
		}
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// bandsOf is a hash of each band of the signature of a set; none of an empty set.
func bandsOf(set []uint64) (hashes []uint64) {
	if len(set) == 0 {
		return nil
	}
	var least signature
	for k := range least {
		least[k] = ^uint64(0)
		salt := mix(uint64(k) + 1)
		for _, h := range set {
			least[k] = min(least[k], (h^salt)*0x9e3779b97f4a7c15)
		}
	}
	for band := range slices.Chunk(least[:], bandRows) {
		h := uint64(0)
		for _, v := range band {
			h = mix(h ^ v)
		}
		hashes = append(hashes, h)
	}
	return hashes
}

// jaccard is the share of two sorted sets that is in both.
func jaccard(a, b []uint64) float64 {
	both := 0
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
	return float64(both) / float64(max(len(a)+len(b)-both, 1))
}

// hash is FNV-1a of a word.
func hash(w string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(w) {
		h = (h ^ uint64(w[i])) * 1099511628211
	}
	return h
}

// fold is one hash of words in their order.
func fold(window [nearWords]uint64) (h uint64) {
	for _, w := range window {
		h = mix(h ^ w)
	}
	return h
}

// mix spreads a number over all bits (splitmix64's finaliser, Steele et al. 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
