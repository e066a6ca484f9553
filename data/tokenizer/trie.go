package tokenizer

// trie finds all pieces that a text begins with.
type trie struct {
	next map[edge]int32
	ids  []int32 // by node, 0 the root: the piece that ends there, -1 if none does
}

// edge leads from a node on by a byte.
type edge struct {
	node int32
	c    byte
}

func newTrie(pieces int) *trie {
	return &trie{next: make(map[edge]int32, 3*pieces), ids: []int32{-1}}
}

func (t *trie) add(piece string, id int32) {
	node := int32(0)
	for i := range len(piece) {
		e := edge{node, piece[i]}
		next, ok := t.next[e]
		if !ok {
			next = int32(len(t.ids))
			t.next[e] = next
			t.ids = append(t.ids, -1)
		}
		node = next
	}
	t.ids[node] = id
}

// prefixes calls found for every piece at the start of text, shortest first, with
// its length in bytes.
func (t *trie) prefixes(text []byte, found func(n int, id int32)) {
	node, ok := int32(0), true
	for i, c := range text {
		if node, ok = t.next[edge{node, c}]; !ok {
			return
		}
		if id := t.ids[node]; id >= 0 {
			found(i+1, id)
		}
	}
}
