package data

import (
	"math"
	"slices"

	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/problem"
)

// A Word is a word of an example, with the places where the model reads it.
type Word struct {
	tokenizer.Span
	Part   int // 0: of the text; 1: of its pair
	Places []Place
}

// A Place is a stretch of one of an example's sequences: its IDs[From:To].
type Place struct{ Sequence, From, To int }

// EncodeWords is EncodeAs which also finds the words that the model reads, in the text's
// order, the pair's behind them (Encoded.Words). Words that were cut off are not among them;
// one that windows share has a place in each. Of options no words are found.
func (e Example) EncodeWords(paired bool, tok tokenizer.Tokenizer, maxLength int, w *problem.Window) Encoded {
	encoded := e.EncodeAs(paired, tok, maxLength, w)
	f := frameOf(tok)
	switch {
	case e.Options != nil:
	case encoded.Windows != nil:
		encoded.Words = wordsOfWindows(tokenizer.Spans(tok, e.Text, math.MaxInt), encoded.Windows, f, w.Stride)
	case !paired:
		encoded.Words = wordsAt(tokenizer.Spans(tok, e.Text, len(encoded.IDs)-f.before-f.behind), 0, f.before)
	default:
		first, second := e.parted(tok, f, encoded.IDs)
		encoded.Words = append(wordsAt(tokenizer.Spans(tok, e.Text, first), 0, f.before),
			wordsAt(tokenizer.Spans(tok, e.Pair, second), 1, len(encoded.IDs)-f.behind-second)...)
	}
	return encoded
}

// parted tells how many pieces of the text, and of its pair, are left in ids of both.
func (e Example) parted(tok tokenizer.Tokenizer, f frame, ids []int32) (first, second int) {
	a, b := tok.Pieces(e.Text), tok.Pieces(e.Pair)
	both := len(ids) - len(tok.EncodePair("", "", 0).IDs)
	for first = min(len(a), both); first > 0; first-- {
		second, end := both-first, len(ids)-f.behind
		if second <= len(b) && slices.Equal(ids[f.before:f.before+first], a[:first]) && slices.Equal(ids[end-second:end], b[:second]) {
			break
		}
	}
	return first, both - first
}

// wordsAt are words whose pieces stand in a sequence from a row on.
func wordsAt(spans []tokenizer.Span, part, row int) (words []Word) {
	for _, s := range spans {
		words = append(words, Word{s, part, []Place{{0, row + s.From, row + s.To}}})
	}
	return words
}

// wordsOfWindows are words of a text in windows.
func wordsOfWindows(spans []tokenizer.Span, windows []Encoded, f frame, stride int) (words []Word) {
	for _, s := range spans {
		word, first := Word{Span: s}, 0 // the window's first piece
		for k := range windows {
			room := len(windows[k].IDs) - f.before - f.behind
			if from, to := max(s.From, first), min(s.To, first+room); from < to {
				word.Places = append(word.Places, Place{k, f.before + from - first, f.before + to - first})
			}
			first += room - stride
		}
		words = append(words, word)
	}
	return words
}

// Without is the example with a mask in the place of every piece of a word.
func (e *Encoded) Without(w Word, mask int32) Encoded {
	masked := *e
	masked.Windows = slices.Clone(e.Windows)
	for _, p := range w.Places {
		at := &masked
		if masked.Windows != nil {
			at = &masked.Windows[p.Sequence]
		}
		at.IDs = slices.Clone(at.IDs)
		for i := p.From; i < p.To; i++ {
			at.IDs[i] = mask
		}
	}
	return masked
}

// Mask is the piece that stands for one that is not told, [MASK] or <mask>, and whether the
// vocabulary has one.
func Mask(tok tokenizer.Tokenizer) (int32, bool) {
	if id, ok := tok.ID("[MASK]"); ok {
		return id, true
	}
	return tok.ID("<mask>") // of RoBERTa and its kin
}
