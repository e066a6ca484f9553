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
		return ", near texts apart, for too many are near one another"
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

// A gathering is the examples of one text, or of several that are near one another.
type gathering struct {
	examples []int
	several  bool
}

// parted parts a set by a draw: by is the part of each example where texts are never parted,
// which come in the order drawn. It returns these texts, the parts, and the draw with nothing
// left open: near texts stay together unless none are near, or a part then gets too little
// (crowds).
func (s *Set) parted(d draw, by func([]gathering) []int) (texts []gathering, parts []int, how draw) {
	hashes := s.hashes()
	groups := hashes
	if d.together == TogetherNear || d.together == TogetherAuto {
		groups = s.nearHashes(hashes)
	}
	if d.together == TogetherAuto && slices.Equal(groups, hashes) {
		d.together = TogetherEqual
	}
	texts = s.gather(groups, hashes, d.seed)
	parts = by(texts)
	if d.together == TogetherAuto {
		equal := s.gather(hashes, hashes, d.seed)
		apart := by(equal)
		if d.crowded = s.crowds(parts, apart); d.crowded {
			d.together = TogetherEqual
			return equal, apart, d
		}
		d.together = TogetherNear
	}
	return texts, parts, d
}

// fewOfLabel is how many rows of a label say little of it: what a part has of such does not
// decide how it is drawn.
const fewOfLabel = 5

// crowds tells whether the part that has the fewest examples has less than half as many with
// near texts together as with those apart, in all or of a label that is no rare one.
func (s *Set) crowds(near, apart []int) bool {
	all := s.strata() // behind the groups
	least := func(parts []int) (least []int) {
		members := make([][]int, max(slices.Max(near), slices.Max(apart))+1)
		for i, part := range parts {
			members[part] = append(members[part], i)
		}
		for part, examples := range members {
			count := append(s.count(examples), len(examples))
			if part == 0 {
				least = count
			}
			for group, n := range count {
				least[group] = min(least[group], n)
			}
		}
		return least
	}
	together := least(near)
	for group, n := range least(apart) {
		if (group == all || n >= fewOfLabel) && 2*together[group] < n {
			return true
		}
	}
	return false
}

// holdOut takes a share of a set out, of each label alike: the texts that come first in an
// order drawn by the seed. The order of the rows has no say, texts that belong together stay
// so, and every label stays in the rest.
func (s *Set) holdOut(share float64, d draw) (rest, held *Set, err error) {
	_, out, d := s.parted(d, func(texts []gathering) []int { return s.drawn(share, texts) })
	what := fmt.Sprintf("%.3g %% of each label, %v", 100*share, d)
	if s.strata() == 1 {
		what = fmt.Sprintf("%.3g %%, %v", 100*share, d)
	}
	rest, held = s.partBy(what, d, func(i int) bool { return out[i] == 1 })
	if len(held.Examples) == 0 {
		return nil, nil, &Error{File: s.Path, Err: fmt.Errorf("has %d examples, too few of a label to take %.3g %% of each for a dev set%s; set data.dev to a file", len(s.Examples), 100*share, d.why())}
	}
	return rest, held, nil
}

// partBy parts a set in two by a draw: the examples whose indices are taken, which what says,
// and the rest, with the rows that were left out.
func (s *Set) partBy(what string, d draw, takes func(i int) bool) (rest, taken *Set) {
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
	out.NearApart = !d.near()
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

// drawn is 1 for each example that is held out, of texts in the order drawn. What has several
// labels is taken only while each of them wants more.
func (s *Set) drawn(share float64, texts []gathering) []int {
	all := make([]int, s.strata())
	for _, t := range texts {
		for group, n := range s.count(t.examples) {
			all[group] += n
		}
	}
	quota, taken := make([]int, len(all)), make([]int, len(all))
	for group, n := range all {
		quota[group] = int(share*float64(n) + 0.5)
	}
	out := make([]int, len(s.Examples))
	for _, t := range texts {
		count, fits := s.count(t.examples), true
		for _, group := range s.stratum(&s.Examples[t.examples[0]]) {
			fits = fits && taken[group] < quota[group]
		}
		for group, n := range count {
			fits = fits && (n == 0 || taken[group]+n < all[group])
			if t.several { // which may be a large part of all
				fits = fits && (n == 0 || taken[group]+n <= quota[group]+max(quota[group]/10, 2))
			}
		}
		if !fits {
			continue
		}
		for group, n := range count {
			taken[group] += n
		}
		for _, i := range t.examples {
			out[i] = 1
		}
	}
	return out
}

// gather puts examples with the same group together, in an order that the seed draws. Those
// of several texts, whose hashes their group's is not, are in an order that is not that of
// the rows, for the first one's label is drawn as well.
func (s *Set) gather(groups, hashes []uint64, seed uint64) []gathering {
	of, order := map[uint64]*gathering{}, []uint64{}
	for i, group := range groups {
		key := salted(group, seed)
		g := of[key]
		if g == nil {
			g = &gathering{several: group != hashes[i]}
			of[key], order = g, append(order, key)
		}
		g.examples = append(g.examples, i)
	}
	slices.Sort(order)
	sorted := make([]gathering, len(order))
	for k, key := range order {
		if sorted[k] = *of[key]; sorted[k].several {
			slices.SortFunc(sorted[k].examples, func(i, j int) int {
				a, b := &s.Examples[i], &s.Examples[j]
				return cmp.Or(cmp.Compare(hashes[i], hashes[j]), cmp.Compare(a.Label, b.Label), slices.Compare(a.Targets, b.Targets))
			})
		}
	}
	return sorted
}

// hashes are those of the examples' texts.
func (s *Set) hashes() []uint64 {
	hashes := make([]uint64, len(s.Examples))
	eachPart(len(hashes), func(from, to int) {
		for i := from; i < to; i++ {
			hashes[i] = s.Examples[i].hash()
		}
	})
	return hashes
}

// nearHashes are the same for the texts of a group, by the least hash of them, and otherwise
// those of the texts.
func (s *Set) nearHashes(hashes []uint64) []uint64 {
	sets := make([][]uint64, len(hashes))
	eachPart(len(sets), func(from, to int) {
		for i := from; i < to; i++ {
			sets[i] = shingles.Of(s.Examples[i].Texts())
		}
	})
	groups := shingles.Groups(sets)
	least, several := map[int]uint64{}, map[int]bool{}
	for i, g := range groups {
		hash, known := least[g]
		several[g] = several[g] || known && hash != hashes[i]
		if !known || hashes[i] < hash {
			least[g] = hashes[i]
		}
	}
	near := slices.Clone(hashes)
	for i, g := range groups {
		if several[g] { // another hash than the least, which would come first where hashes draw
			near[i] = salted(least[g], 0)
		}
	}
	return near
}

// salted is a hash that another seed makes another one.
func salted(hash, seed uint64) uint64 {
	h := fnv.New64a()
	_ = binary.Write(h, binary.BigEndian, [2]uint64{seed, hash}) // a hash takes all bytes
	return h.Sum64()
}
