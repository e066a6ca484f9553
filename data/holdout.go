package data

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/data/shingles"
)

// What is never parted where examples are taken out of the training examples.
const (
	TogetherEqual = "equal" // equal texts
	TogetherNear  = "near"  // texts that are nearly the same, or parts of one another, too (shingles.Groups)
	TogetherAuto  = "auto"  // near ones where enough are by themselves; otherwise equal ones
)

// A draw says how examples are taken out of a set.
type draw struct {
	seed     uint64
	together string // Together...; "" is equal
	crowded  bool   // equal ones, for too many are near one another
}

// draw is the source's.
func (src Source) draw() draw { return draw{seed: src.SplitSeed, together: src.Together} }

// near tells whether near texts stay together.
func (d draw) near() bool { return d.together == TogetherNear }

// String says how, for people.
func (d draw) String() string { return fmt.Sprintf("drawn by seed %d%s", d.seed, d.along()) }

// along says what stays together besides equal texts.
func (d draw) along() string {
	switch {
	case d.near():
		return ", near texts together"
	case d.crowded:
		return ", near texts apart, for there are too many"
	}
	return ""
}

// why is what may be wrong where too little can be drawn.
func (d draw) why() string {
	if d.near() {
		return ", or too many of them are near one another (data.together: equal keeps equal texts alone together)"
	}
	return ""
}

// settled is a draw of which it is known what stays together: near texts, unless those of
// equal ones have the same parts, or more than twice the examples of a label in one of them.
// parts tells which part each example is of, by a draw.
func (s *Set) settled(d draw, parts func(draw) []int) draw {
	if d.together != TogetherAuto {
		return d
	}
	near, equal := draw{seed: d.seed, together: TogetherNear}, draw{seed: d.seed}
	byNear, byEqual := parts(near), parts(equal)
	if slices.Equal(byNear, byEqual) {
		return equal
	}
	left := map[[2]int]int{} // of a part and a label: twice what near texts leave it, less what equal ones do
	for i := range s.Examples {
		for _, group := range s.stratum(&s.Examples[i]) {
			left[[2]int{byNear[i], group}] += 2
			left[[2]int{byEqual[i], group}]--
		}
	}
	for _, n := range left {
		if equal.crowded = n < 0; equal.crowded {
			return equal
		}
	}
	return near
}

// holdOut takes a share of a set out, of each label alike: the texts that come first in an
// order drawn by the seed. The order of the rows has no say, texts that belong together stay
// so, and every label stays in the rest.
func (s *Set) holdOut(share float64, d draw) (rest, held *Set, err error) {
	d = s.settled(d, func(d draw) []int { return s.drawn(share, d) })
	what := fmt.Sprintf("%.3g %% of each label, %v", 100*share, d)
	if s.strata() == 1 {
		what = fmt.Sprintf("%.3g %%, %v", 100*share, d)
	}
	out := s.drawn(share, d)
	rest, held = s.partBy(what, func(i int) bool { return out[i] == 1 })
	if len(held.Examples) == 0 {
		return nil, nil, &Error{File: s.Path, Err: fmt.Errorf("has %d examples, too few of a label to take %.3g %% of each for a dev set%s; set data.dev to a file", len(s.Examples), 100*share, d.why())}
	}
	return rest, held, nil
}

// partBy parts a set in two: the examples whose indices are taken, which what says, and the
// rest, with the rows that were left out.
func (s *Set) partBy(what string, takes func(i int) bool) (rest, taken *Set) {
	kept, out := *s, *s
	kept.Examples, out.Examples, out.Skipped = nil, nil, nil
	for i, e := range s.Examples {
		if takes(i) {
			out.Examples = append(out.Examples, e)
		} else {
			kept.Examples = append(kept.Examples, e)
		}
	}
	kept.Part, out.Part = s.parts(what)
	return &kept, &out
}

// parts names what is left of a set once a part is taken out, and that part, of which a
// former one has been taken, or none.
func (s *Set) parts(what string) (rest, taken string) {
	if strings.HasPrefix(s.Part, butFor) {
		return s.Part + ", and then " + what, ", of the rest " + what
	}
	return s.Part + butFor + what, s.Part + ", " + what
}

// butFor is before the part that is missing in a set.
const butFor = " but for "

// strata is how many groups of examples are drawn from alike.
func (s *Set) strata() int {
	switch {
	case s.Problem.Several():
		return len(s.Labels) + 1 // the last of those that have none
	case s.Problem.Labelled() && !s.Problem.Chosen():
		return max(len(s.Labels), 1)
	}
	return 1
}

// stratum lists the groups that an example is of: of labels by themselves one for each
// that it has.
func (s *Set) stratum(e *Example) (groups []int) {
	switch {
	case s.strata() == 1:
		return []int{0}
	case !s.Problem.Several():
		return []int{e.Label}
	}
	for label := range s.Labels {
		if s.Has(e, label) {
			groups = append(groups, label)
		}
	}
	if groups == nil {
		return []int{len(s.Labels)}
	}
	return groups
}

// count adds up the groups of examples.
func (s *Set) count(examples []int) []int {
	counts := make([]int, s.strata())
	for _, i := range examples {
		for _, group := range s.stratum(&s.Examples[i]) {
			counts[group]++
		}
	}
	return counts
}

// drawn is 1 for each example that is held out. What has several labels is taken only while
// each of them wants more.
func (s *Set) drawn(share float64, d draw) []int {
	texts := s.together(d)
	all := s.count(slices.Concat(texts...))
	quota, taken := make([]int, len(all)), make([]int, len(all))
	for group, n := range all {
		quota[group] = int(share*float64(n) + 0.5)
	}
	out := make([]int, len(s.Examples))
	for _, same := range texts {
		first := &s.Examples[same[0]]
		count, fits, several := s.count(same), true, d.near() && first.group != first.hash() // different texts
		for _, group := range s.stratum(first) {
			fits = fits && taken[group] < quota[group]
		}
		for group, n := range count {
			fits = fits && (n == 0 || taken[group]+n < all[group])
			if several { // which may be a large part of all
				fits = fits && (n == 0 || taken[group]+n <= quota[group]+quota[group]/10)
			}
		}
		if !fits {
			continue
		}
		for group, n := range count {
			taken[group] += n
		}
		for _, i := range same {
			out[i] = 1
		}
	}
	return out
}

// together lists the examples of each text, or of each group of near ones, in an order that
// the seed draws.
func (s *Set) together(d draw) [][]int {
	at, groups, order := map[uint64]int{}, [][]int{}, []uint64{}
	for i, hash := range s.groups(d.near()) {
		key := salted(hash, d.seed)
		g, known := at[key]
		if !known {
			g = len(groups)
			at[key], groups, order = g, append(groups, nil), append(order, key)
		}
		groups[g] = append(groups[g], i)
	}
	slices.Sort(order)
	sorted := make([][]int, len(order))
	for i, key := range order {
		if sorted[i] = groups[at[key]]; d.near() { // whose labels differ: the first one's is drawn as well
			s.mix(sorted[i])
		}
	}
	return sorted
}

// mix puts examples into an order that is not that of the rows.
func (s *Set) mix(examples []int) {
	slices.SortFunc(examples, func(i, j int) int {
		a, b := &s.Examples[i], &s.Examples[j]
		return cmp.Or(cmp.Compare(a.hash(), b.hash()), cmp.Compare(a.Label, b.Label), slices.Compare(a.Targets, b.Targets))
	})
}

// groups is a hash for each example that those which stay together have in common: of its
// texts, or, where others are near to it, of the group.
func (s *Set) groups(near bool) []uint64 {
	if near && len(s.Examples) > 0 && s.Examples[0].group == 0 {
		s.findGroups()
	}
	hashes := make([]uint64, len(s.Examples))
	for i := range hashes {
		if hashes[i] = s.Examples[i].group; !near {
			hashes[i] = s.Examples[i].hash()
		}
	}
	return hashes
}

// findGroups sets each example's group. What is then taken out of the set leaves whole groups
// behind, so they are found once.
func (s *Set) findGroups() {
	sets := make([][]uint64, len(s.Examples))
	eachPart(len(sets), func(from, to int) {
		for i := from; i < to; i++ {
			sets[i] = shingles.Of(s.Examples[i].Texts())
			s.Examples[i].group = s.Examples[i].hash()
		}
	})
	type texts struct {
		least   uint64 // hash
		several bool   // and not all the same
	}
	near, groups := map[int]texts{}, shingles.Groups(sets)
	for i, g := range groups {
		hash := s.Examples[i].group
		known, more := near[g]
		if !more {
			known.least = hash
		}
		near[g] = texts{min(known.least, hash), known.several || hash != known.least}
	}
	for i, g := range groups {
		if near[g].several { // by the least hash itself it would come first, however drawn
			s.Examples[i].group = salted(near[g].least, 0)
		}
	}
}

// salted is a hash that another seed makes another one.
func salted(hash, seed uint64) uint64 {
	h := fnv.New64a()
	_ = binary.Write(h, binary.BigEndian, [2]uint64{seed, hash}) // a hash takes all bytes
	return h.Sum64()
}
