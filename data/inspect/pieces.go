package inspect

import (
	"fmt"

	"github.com/powerbert/powerbert/data"
)

// The shares of word-pieces from which on it is told that they are unknown or cut off.
const (
	mostUnknown = 0.01
	mostCut     = 0.1
)

// unknowns finds sets of which the vocabulary lacks much.
func unknowns(l *look) []Finding {
	unknown, has := l.unknown()
	if !has {
		return nil
	}
	return l.each(func(p *part) Finding {
		f := Finding{Name: "unknown pieces", Set: p.name, Remedy: "choose a tokenizer.vocab, or a model, of the language and case of the texts"}
		n := 0
		for i := range p.pieces {
			lacking := countID(&p.pieces[i], unknown)
			if lacking > 0 {
				f.add(p.place(i))
			}
			n, f.Of = n+lacking, f.Of+p.pieces[i].Tokens()
		}
		f.What = fmt.Sprintf("%d of %d word-pieces (%s) are %s", n, f.Of, percent(n, f.Of), l.tok.Token(unknown))
		if float64(n) >= mostUnknown*float64(f.Of) {
			f.Count = n
		}
		return f
	})
}

// unknown is the piece that stands for what the vocabulary lacks; false where it lacks nothing.
func (l *look) unknown() (int32, bool) {
	for _, piece := range []string{"[UNK]", "<unk>"} {
		if id, has := l.tok.ID(piece); has {
			return id, true
		}
	}
	return 0, false
}

// countID is how many word-pieces of an example have an id.
func countID(e *data.Encoded, id int32) (n int) {
	for s := range e.Sequences() {
		for _, piece := range s.IDs {
			if piece == id {
				n++
			}
		}
	}
	return n
}

// cuts finds sets of which data.max_length cuts much off.
func cuts(l *look) []Finding {
	return l.each(func(p *part) Finding {
		f := Finding{Name: "cut off", Set: p.name, Remedy: "raise data.max_length, if the time allows; train data shows the lengths"}
		n := 0
		for i := range p.pieces {
			cut := cutOf(&p.pieces[i])
			if cut > 0 {
				f.add(p.place(i))
			}
			n, f.Of = n+cut, f.Of+cut+p.pieces[i].Tokens()
		}
		f.What = fmt.Sprintf("data.max_length cuts off %d of %d word-pieces (%s)", n, f.Of, percent(n, f.Of))
		if float64(n) >= mostCut*float64(f.Of) {
			f.Count = n
		}
		return f
	})
}

// cutOf is how many pieces the sequences of an example lose.
func cutOf(e *data.Encoded) (n int) {
	for s := range e.Sequences() {
		n += s.Cut
	}
	return n
}
