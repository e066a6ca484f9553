package data

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"iter"
	"runtime"
	"sync"

	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/problem"
)

// An Encoded is an example as the model reads it.
type Encoded struct {
	IDs     []int32   // [CLS] text [SEP], and for pairs second text [SEP]
	Types   []int32   // 0 up to the first [SEP], 1 after it; as long as IDs
	Choices []Encoded // of MultipleChoice, in place of IDs: [CLS] text [SEP] option [SEP] for each option
	Windows []Encoded // of a text that is longer than a model reads, in place of IDs: two or more
	Label   int       // index into Set.Labels
	Targets []float64 // as Example has them
	Words   []Word    // where EncodeWords has found them
	Cut     int       // pieces that did not fit into the maximal length
}

// Fingerprint tells sets apart: it is a function of every example, in order.
func Fingerprint(set []Encoded) string {
	h := fnv.New64a()
	fmt.Fprintln(h, len(set))
	for i := range set {
		for s := range set[i].Sequences() {
			fmt.Fprintln(h, len(s.IDs))
			binary.Write(h, binary.LittleEndian, s.IDs)
		}
		fmt.Fprintln(h, append([]any{len(set[i].Choices), set[i].Label}, set[i].targets()...)...)
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// targets are the Targets, of a label alone one that is 0.
func (e *Encoded) targets() (list []any) {
	for _, y := range e.Targets {
		list = append(list, y)
	}
	if list == nil {
		return []any{0.0}
	}
	return list
}

// Sequences are what passes the encoder: the example itself, or each of its Choices or
// Windows.
func (e *Encoded) Sequences() iter.Seq[*Encoded] {
	return func(yield func(*Encoded) bool) {
		parts := e.Choices
		if e.Windows != nil {
			parts = e.Windows
		}
		if parts == nil {
			yield(e)
		}
		for i := range parts {
			if !yield(&parts[i]) {
				return
			}
		}
	}
}

// Truth is what examples of a kind should be answered with, and nothing that is said of them.
func Truth(kind problem.Kind, labels []string, set []Encoded) *problem.Outputs {
	out := &problem.Outputs{Kind: kind, Labels: labels}
	for i := range set {
		out.Expect(set[i].Label, set[i].Targets)
	}
	return out
}

// Tokens is how many ids the sequences of an example have.
func (e *Encoded) Tokens() int { return e.Rows(0) }

// Rows is how many word-vectors the sequences of an example begin with, each padded to padTo;
// 0: not padded.
func (e *Encoded) Rows(padTo int) int {
	n := 0
	for s := range e.Sequences() {
		n += max(len(s.IDs), padTo)
	}
	return n
}

// Longer tells whether a sequence of the example is cut.
func (e *Encoded) Longer() bool {
	for s := range e.Sequences() {
		if s.Cut > 0 {
			return true
		}
	}
	return false
}

// Lengths are those of all sequences of the examples, in order.
func Lengths(examples []Encoded) []int {
	lengths := make([]int, 0, len(examples))
	for i := range examples {
		for s := range examples[i].Sequences() {
			lengths = append(lengths, len(s.IDs))
		}
	}
	return lengths
}

// MeanLength is the mean of Lengths.
func MeanLength(examples []Encoded) float64 {
	sum, all := 0, Lengths(examples)
	for _, n := range all {
		sum += n
	}
	return float64(sum) / float64(len(all))
}

// Encode turns the examples of a set into word-pieces, at most maxLength per
// example with the special tokens (0: no limit), longest text cut first. The
// order is that of the set. It works on all cores.
func Encode(set *Set, tok tokenizer.Tokenizer, maxLength int) []Encoded {
	return EncodeAs(set, tok, maxLength, nil)
}

// Encode turns one example into word-pieces, as Encode does with those of a set. Of
// one with options the text alone is cut.
func (e Example) Encode(paired bool, tok tokenizer.Tokenizer, maxLength int) Encoded {
	if e.Options != nil {
		return e.encodeChoices(tok, maxLength)
	}
	var enc tokenizer.Encoding
	if paired {
		enc = tok.EncodePair(e.Text, e.Pair, maxLength)
	} else {
		enc = tok.Encode(e.Text, maxLength)
	}
	return Encoded{IDs: enc.IDs, Types: enc.Types, Label: e.Label, Targets: e.Targets, Cut: enc.Cut}
}

func (e Example) encodeChoices(tok tokenizer.Tokenizer, maxLength int) Encoded {
	whole := Encoded{Label: e.Label}
	for _, enc := range tok.EncodeChoices(e.Text, e.Options, maxLength) {
		whole.Choices = append(whole.Choices, Encoded{IDs: enc.IDs, Types: enc.Types, Cut: enc.Cut})
		whole.Cut += enc.Cut
	}
	return whole
}

// eachPart cuts 0 … n−1 into a part per core and waits for all.
func eachPart(n int, work func(from, to int)) {
	parts := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for p := range parts {
		wait.Go(func() { work(n*p/parts, n*(p+1)/parts) })
	}
	wait.Wait()
}
