package tokenizer

import (
	"cmp"
	"slices"
)

// trie finds all pieces that a text begins with. The nodes below one lie side by side,
// in the order of their bytes.
type trie struct {
	nodes []node   // 0 is the root
	bytes []byte   // by node: the byte that leads to it
	wide  []lookup // for nodes with many below them
}

// node is a place in the trie.
type node struct {
	id    int32 // of the piece that ends here, -1 if none does
	first int32 // of the nodes below
	count int32 // how many these are; below 0: ^count is its place in wide
}

// lookup leads from a node on by a byte; 0 is nowhere.
type lookup [256]int32

// manyBelow is from how many nodes below it a node has a lookup.
const manyBelow = 8

// newTrie makes a trie of pieces, whose places are their ids; of equal pieces the last
// one counts.
func newTrie(pieces []string) *trie {
	order := make([]int32, 0, len(pieces))
	for id, p := range pieces {
		if p != "" {
			order = append(order, int32(id))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(pieces[a], pieces[b]) })
	t := &trie{nodes: []node{{id: -1}}, bytes: []byte{0}}
	parts := []part{{order, 0, 0}}
	for len(parts) > 0 {
		parts = t.grow(pieces, parts[0], parts[1:])
	}
	return t
}

// part is the pieces that pass a node, sorted, and how many of their bytes lead there.
type part struct {
	order []int32
	depth int
	node  int32
}

// grow adds the nodes below one, and appends what passes each of them.
func (t *trie) grow(pieces []string, p part, parts []part) []part {
	for len(p.order) > 0 && len(pieces[p.order[0]]) == p.depth {
		t.nodes[p.node].id, p.order = p.order[0], p.order[1:]
	}
	first := int32(len(t.nodes))
	for len(p.order) > 0 {
		c, n := pieces[p.order[0]][p.depth], 1
		for n < len(p.order) && pieces[p.order[n]][p.depth] == c {
			n++
		}
		parts = append(parts, part{p.order[:n], p.depth + 1, int32(len(t.nodes))})
		t.nodes, t.bytes = append(t.nodes, node{id: -1}), append(t.bytes, c)
		p.order = p.order[n:]
	}
	t.below(p.node, first, int32(len(t.nodes)))
	return parts
}

// below notes which nodes are below one.
func (t *trie) below(at, first, end int32) {
	n := &t.nodes[at]
	n.first, n.count = first, end-first
	if n.count <= manyBelow {
		return
	}
	var l lookup
	for i := first; i < end; i++ {
		l[t.bytes[i]] = i
	}
	n.count = ^int32(len(t.wide))
	t.wide = append(t.wide, l)
}

// next is the node that a byte leads to from another; 0 is none.
func (t *trie) next(at int32, c byte) int32 {
	n := &t.nodes[at]
	if n.count < 0 {
		return t.wide[^n.count][c]
	}
	for i := n.first; i < n.first+n.count; i++ {
		if t.bytes[i] == c {
			return i
		}
	}
	return 0
}
