package data

import (
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/problem"
)

// EncodeAs is Encode of a set whose texts become windows where they are longer than
// maxLength; nil: they are cut. Pairs and options are cut in any case.
func EncodeAs(set *Set, tok tokenizer.Tokenizer, maxLength int, w *problem.Window) []Encoded {
	encoded := make([]Encoded, len(set.Examples))
	eachPart(len(encoded), func(from, to int) {
		for i := from; i < to; i++ {
			encoded[i] = set.Examples[i].EncodeAs(set.Paired, tok, maxLength, w)
		}
	})
	return encoded
}

// EncodeAs turns one example into word-pieces, as EncodeAs does with those of a set.
func (e Example) EncodeAs(paired bool, tok tokenizer.Tokenizer, maxLength int, w *problem.Window) Encoded {
	if w == nil || paired || e.Options != nil {
		return e.Encode(paired, tok, maxLength)
	}
	whole := e.Encode(false, tok, 0)
	if len(whole.IDs) <= maxLength {
		return whole
	}
	return whole.windows(frameOf(tok), maxLength, w.Stride)
}

// A frame is how many special tokens stand before a text, and behind it.
type frame struct{ before, behind int }

// frameOf looks at what a tokenizer puts around a text.
func frameOf(tok tokenizer.Tokenizer) (f frame) {
	bare, some := tok.Encode("", 0).IDs, tok.Encode("a", 0).IDs
	for f.before < len(bare) && bare[f.before] == some[f.before] {
		f.before++
	}
	f.behind = len(bare) - f.before
	return f
}

// windows divides a text within its frame: each window begins so many tokens after the one
// before that it shares stride tokens with it, and the one that reaches the end is the
// last, as Hugging Face's tokenizers do with return_overflowing_tokens. Each has the frame.
func (e *Encoded) windows(f frame, maxLength, stride int) Encoded {
	divided := Encoded{Label: e.Label, Targets: e.Targets}
	end, room := len(e.IDs)-f.behind, maxLength-f.before-f.behind
	for from := f.before; ; from += room - stride {
		to := min(from+room, end)
		divided.Windows = append(divided.Windows, Encoded{
			IDs:   append(append(append([]int32{}, e.IDs[:f.before]...), e.IDs[from:to]...), e.IDs[end:]...),
			Types: append(append(append([]int32{}, e.Types[:f.before]...), e.Types[from:to]...), e.Types[end:]...),
		})
		if to == end {
			return divided
		}
	}
}

// Apart lists the windows of the examples as examples of their own, with the label of
// their text, and of which example each is; nil where none has windows and the examples
// are themselves.
func Apart(set []Encoded) (windows []Encoded, of []int) {
	for i := range set {
		if set[i].Windows == nil {
			windows, of = append(windows, set[i]), append(of, i)
		}
		for _, w := range set[i].Windows {
			w.Label, w.Targets = set[i].Label, set[i].Targets
			windows, of = append(windows, w), append(of, i)
		}
	}
	if len(windows) == len(set) {
		return set, nil
	}
	return windows, of
}
