package tokenizer

import "bytes"

// meta is SentencePiece's sign for a space.
const meta = "▁"

// metaspace is the pre-tokenizer of SentencePiece's models: a sign stands for each
// space, and every sign begins a word.
type metaspace struct {
	mark   string
	prefix string // whether a text gets a sign before it: always, first (at the start of all) or never
	split  bool   // at the signs; else the text stays whole
}

func (p metaspace) divide(s *scratch, dst, src *division) {
	out, spans := s.fresh(), dst.spans[:0]
	for _, sp := range src.spans {
		text, from := src.text[sp.from:sp.to], len(out)
		wanted := p.prefix == "always" || p.prefix == "first" && sp.first
		if wanted && text[0] != ' ' && !bytes.HasPrefix(text, []byte(p.mark)) {
			out = append(out, p.mark...)
		}
		for _, c := range text {
			if c == ' ' {
				out = append(out, p.mark...)
			} else {
				out = append(out, c)
			}
		}
		first := sp.first
		for p.split {
			i := bytes.Index(out[from+1:], []byte(p.mark))
			if i < 0 {
				break
			}
			spans = append(spans, span{from, from + 1 + i, first})
			from, first = from+1+i, false
		}
		spans = append(spans, span{from, len(out), first})
	}
	dst.text, dst.spans = s.keep(out), spans
}
