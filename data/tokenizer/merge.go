package tokenizer

// A symbol is a piece of a word as it is joined: of no length once it is part of the
// one before.
type symbol struct {
	id           int32
	length       int32 // in bytes
	before, next int32 // places of the neighbours; -1 is none
}

// merge joins neighbours in s.symbols, those of the lowest rank first, of equals the
// leftmost.
func (b *BPE) merge(s *scratch) {
	s.queue = s.queue[:0]
	for i := range s.symbols {
		s.symbols[i].before, s.symbols[i].next = int32(i)-1, int32(i)+1
	}
	if n := len(s.symbols); n > 0 {
		s.symbols[n-1].next = -1
	}
	for i := range len(s.symbols) - 1 {
		b.offer(s, int32(i))
	}
	for len(s.queue) > 0 {
		top := s.queue.pop()
		b.mergeAt(s, int32(top&(1<<32-1)), int32(top>>32))
	}
}

// offer queues the pair that begins at a place, if there is a merge for it.
func (b *BPE) offer(s *scratch, at int32) {
	left := s.symbols[at]
	if left.next < 0 {
		return
	}
	if rank, ok := b.ranks[pairKey(left.id, s.symbols[left.next].id)]; ok {
		s.queue.push(uint64(rank)<<32 | uint64(uint32(at)))
	}
}

// mergeAt joins the pair at a place, unless it has become another one since it was
// queued with this rank.
func (b *BPE) mergeAt(s *scratch, at, rank int32) {
	left := &s.symbols[at]
	if left.length == 0 || left.next < 0 {
		return
	}
	right := &s.symbols[left.next]
	now, ok := b.ranks[pairKey(left.id, right.id)]
	if !ok || b.joined[now] != b.joined[rank] {
		return
	}
	left.id, left.length, left.next = b.joined[rank], left.length+right.length, right.next
	right.length = 0
	if left.next >= 0 {
		s.symbols[left.next].before = at
	}
	if left.before >= 0 {
		b.offer(s, left.before)
	}
	b.offer(s, at)
}

// mergeQueue is a heap, the least first: ranks in the upper half, places in the lower.
type mergeQueue []uint64

func (q *mergeQueue) push(x uint64) {
	h := append(*q, x)
	i := len(h) - 1
	for i > 0 && h[(i-1)/2] > h[i] {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		i = (i - 1) / 2
	}
	*q = h
}

func (q *mergeQueue) pop() uint64 {
	h := *q
	top, n := h[0], len(h)-1
	h[0] = h[n]
	h = h[:n]
	for i := 0; ; {
		least := 2*i + 1
		if least+1 < n && h[least+1] < h[least] {
			least++
		}
		if least >= n || h[i] <= h[least] {
			break
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
	*q = h
	return top
}
