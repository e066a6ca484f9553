package inspect

import (
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/shingles"
)

// nearShare is the Jaccard similarity of their shingles from which on two rows are near.
const nearShare = 0.8

// Candidates are rows that agree in all hashes of one band: at a similarity of 0.8 all but
// (1 − 0.8⁴)¹⁶ = 0.02 % of the pairs (Broder 1997; Leskovec, Rajaraman and Ullman 2014, ch. 3).
const (
	bands    = 16
	bandRows = 4
)

// A signature is the least hash of a row's shingles under each of the hash functions.
type signature [bands * bandRows]uint64

// nearTrain finds rows that score whose texts nearly stand in train, but not letter by letter:
// of dev, and where that is a file of its own of what is held out to choose by.
func nearTrain(l *look) (found []Finding) {
	scoring := slices.Clone(l.devs)
	if l.held != nil && !slices.ContainsFunc(l.devs, func(p *part) bool { return p.Part != "" }) {
		scoring = append(scoring, l.held)
	}
	for _, dev := range scoring {
		train := l.train
		if dev == l.held {
			train = l.learned
		}
		near := nearest(dev, train)
		f := Finding{Name: "dev near train", Set: dev.name, Of: len(dev.Examples),
			Remedy: "take them out of train, or the score says how well they are remembered"}
		if dev.NearApart {
			f.Remedy = "set data.together: near, which keeps such rows on one side, or the score says how well they are remembered"
		}
		if dev == l.held {
			f.Name = "held out near train"
		}
		for i := range dev.Examples {
			if at, is := near[i]; is {
				p := dev.place(i)
				p.Like = train.at(at)
				f.Count++
				f.add(p)
			}
		}
		f.What = fmt.Sprintf("%d of %d rows (%s) are nearly in train: of their sets of %d words in a row at least %g are the same",
			f.Count, f.Of, percent(f.Count, f.Of), shingles.Words, nearShare)
		found = append(found, f.list()...)
	}
	return found
}

// mostCompared is how many training rows a dev row is compared with: rows of one template
// share bands with all others.
const mostCompared = 1000

// nearest is, of each dev row that is near a training row and the same as none, the first
// training row that it is near to.
func nearest(dev, train *part) map[int]int {
	sets := make([][]uint64, len(dev.Examples))
	buckets := make([]map[uint64][]int, bands)
	for b := range buckets {
		buckets[b] = map[uint64][]int{}
	}
	for i := range dev.Examples {
		if _, same := train.firsts()[key(&dev.Examples[i])]; same {
			continue
		}
		sets[i] = shinglesOf(&dev.Examples[i])
		for b, h := range bandsOf(sets[i]) {
			buckets[b][h] = append(buckets[b][h], i)
		}
	}
	near, compared, last := map[int]int{}, make([]int, len(sets)), make([]int, len(sets))
	for at := range train.Examples {
		set := shinglesOf(&train.Examples[at])
		for b, h := range bandsOf(set) {
			rows, some := buckets[b][h]
			if !some {
				continue
			}
			buckets[b][h] = slices.DeleteFunc(rows, func(i int) bool {
				if last[i] <= at && compared[i] < mostCompared { // not compared in another band
					last[i] = at + 1
					if compared[i]++; jaccard(set, sets[i]) >= nearShare {
						near[i], compared[i] = at, mostCompared
					}
				}
				return compared[i] == mostCompared
			})
		}
	}
	return near
}

// shinglesOf are the shingles of an example's texts.
func shinglesOf(e *data.Example) []uint64 { return shingles.Of(e.Texts()) }

// bandsOf is a hash of each band of the signature of a set; none of an empty set.
func bandsOf(set []uint64) (hashes []uint64) {
	if len(set) == 0 {
		return nil
	}
	var least signature
	for k := range least {
		least[k] = ^uint64(0)
		salt := shingles.Mix(uint64(k) + 1)
		for _, h := range set {
			least[k] = min(least[k], (h^salt)*0x9e3779b97f4a7c15)
		}
	}
	for band := range slices.Chunk(least[:], bandRows) {
		hashes = append(hashes, shingles.Fold(band))
	}
	return hashes
}

// jaccard is the share of two sorted sets that is in both.
func jaccard(a, b []uint64) float64 {
	both := shingles.Common(a, b)
	return float64(both) / float64(max(len(a)+len(b)-both, 1))
}
