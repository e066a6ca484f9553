package data

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// split takes the dev set out of a training set that is distributed without one:
// the last tenth of the examples in the order of the hashes of their texts. So it
// does not depend on the order of the file, and equal texts stay together; near ones do where
// they are drawn so, by hashes of their groups. The seed has no say.
func (s *Set) split(d draw) (train, dev *Set, err error) {
	hashes := s.hashes()
	if d.near() {
		hashes = s.nearHashes(hashes)
	}
	sorted := slices.Sorted(slices.Values(hashes))
	from := sorted[len(sorted)-max(len(sorted)/10, 1)]
	train, dev = s.partBy("the last tenth by hash of the text"+d.along(), d, func(i int) bool { return hashes[i] >= from })
	if len(train.Examples) == 0 {
		return nil, nil, &Error{File: s.Path, Err: fmt.Errorf("has too few different texts to take a dev set out%s; set data.dev to a file", d.why())}
	}
	return train, dev, nil
}

// Without returns the set but for the examples whose texts others have, too.
func (s *Set) Without(others ...*Set) *Set {
	known := hashes(others)
	rest := *s
	rest.Examples = nil
	for _, e := range s.Examples {
		if !known[e.hash()] {
			rest.Examples = append(rest.Examples, e)
		}
	}
	return &rest
}

// hashes are those of the examples of some sets.
func hashes(sets []*Set) map[uint64]bool {
	known := make(map[uint64]bool)
	for _, set := range sets {
		for _, hash := range set.hashes() {
			known[hash] = true
		}
	}
	return known
}

// hash is that of the texts.
func (e Example) hash() uint64 {
	texts := append([]string{e.Text, e.Pair}, e.Options...)
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return binary.BigEndian.Uint64(sum[:])
}
