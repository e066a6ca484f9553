package tokenizer

// A behavior says what becomes of the stretches that a divider found.
type behavior int

const (
	removed behavior = iota
	isolated
	mergedWithPrevious
	mergedWithNext
	contiguous
)

// behaviors are the names in a tokenizer.json.
var behaviors = map[string]behavior{
	"Removed": removed, "Isolated": isolated, "MergedWithPrevious": mergedWithPrevious, "MergedWithNext": mergedWithNext, "Contiguous": contiguous,
}

// divideRunes divides at the characters that hit finds.
func divideRunes(hit func(rune) bool, b behavior) divider {
	return divideAt(b, func(s *scratch, text []byte) []match {
		all := s.matches[:0]
		done := 0
		for at := 0; at < len(text); {
			r, n := decodeRune(text[at:])
			if hit(r) {
				all = between(all, done, at)
				done = at + n
				all = append(all, match{at, done, true})
			}
			at += n
		}
		s.matches = between(all, done, len(text))
		return s.matches
	})
}

// dividePattern divides at what a pattern finds, or with invert at what lies between.
func dividePattern(p pattern, b behavior, invert bool) divider {
	return divideAt(b, func(s *scratch, text []byte) []match {
		all := s.found[:0]
		done := 0
		for _, m := range p.matches(s, text) {
			all = append(between(all, done, m.from), m)
			done = m.to
		}
		all = between(all, done, len(text))
		for i := range all {
			all[i].hit = all[i].hit != invert
		}
		s.found = all
		return all
	})
}

// between appends the stretch in which nothing was found, if there is any.
func between(all []match, from, to int) []match {
	if from == to {
		return all
	}
	return append(all, match{from, to, false})
}

// divideAt divides each span at what find tells apart, which covers it.
func divideAt(b behavior, find func(s *scratch, text []byte) []match) divider {
	return func(s *scratch, dst, src *division) {
		dst.text, dst.spans = src.text, dst.spans[:0]
		for _, sp := range src.spans {
			at := len(dst.spans)
			dst.spans = b.join(dst.spans, find(s, src.text[sp.from:sp.to]))
			for i := range dst.spans[at:] {
				part := &dst.spans[at+i]
				part.first = sp.first && part.from == 0
				part.from, part.to = part.from+sp.from, part.to+sp.from
			}
		}
	}
}

// join appends the spans that the stretches of a text become, none of them empty.
func (b behavior) join(spans []span, all []match) []span {
	start := len(spans)
	if b == mergedWithNext {
		return b.joinNext(spans, all)
	}
	before := false // whether the stretch before was a hit
	for _, m := range all {
		merge := b == mergedWithPrevious && m.hit && !before || b == contiguous && m.hit == before
		switch {
		case b == removed && m.hit, m.from == m.to:
		case merge && len(spans) > start:
			spans[len(spans)-1].to = m.to
		default:
			spans = append(spans, span{from: m.from, to: m.to})
		}
		before = m.hit
	}
	return spans
}

// joinNext appends the spans where a hit belongs to the stretch after it; of several
// hits in a row to that the last.
func (b behavior) joinNext(spans []span, all []match) []span {
	for i, m := range all {
		switch {
		case m.from == m.to:
		case !m.hit && i > 0 && all[i-1].hit:
			spans[len(spans)-1].to = m.to
		default:
			spans = append(spans, span{from: m.from, to: m.to})
		}
	}
	return spans
}

// divideBERT ends words at white space and lets punctuation stand alone.
func divideBERT(_ *scratch, dst, src *division) {
	dst.text, dst.spans = src.text, dst.spans[:0]
	for _, sp := range src.spans {
		rest := src.text[sp.from:sp.to]
		for {
			var word []byte
			if word, rest = nextWord(rest); len(word) == 0 {
				break
			}
			to := sp.to - len(rest)
			dst.spans = append(dst.spans, span{to - len(word), to, sp.first && to-len(word) == sp.from})
		}
	}
}

// divideWords keeps letters and digits together, and what is neither and no white space.
func divideWords(_ *scratch, dst, src *division) {
	dst.text, dst.spans = src.text, dst.spans[:0]
	for _, sp := range src.spans {
		kind := 0 // of the characters before: 0 white space, 1 of a word, 2 others
		for at := sp.from; at < sp.to; {
			r, n := decodeRune(src.text[at:sp.to])
			now := 2
			if isWordRune(r) {
				now = 1
			} else if isSpace(r) {
				now = 0
			}
			switch {
			case now == 0:
			case now == kind:
				dst.spans[len(dst.spans)-1].to += n
			default:
				dst.spans = append(dst.spans, span{at, at + n, sp.first && at == sp.from})
			}
			at, kind = at+n, now
		}
	}
}
