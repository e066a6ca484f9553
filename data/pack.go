package data

import (
	"hash/fnv"
	"io"
	"strings"

	"github.com/powerbert/powerbert/data/tokenizer"
)

// Pack cuts a corpus into sequences of at most length tokens, filled with whole
// documents one after another (Liu et al. 2019, "full sentences"):
//
//	[CLS] document [SEP] document [SEP] …
//
// A document goes on in the next sequence where it does not fit. heldOut of the
// documents, which their text alone decides, make the sequences of dev; so a
// document that occurs twice is on one side. It works on all cores.
func (c Corpus) Pack(tok tokenizer.Tokenizer, length int, heldOut float64) (train, dev []Encoded, err error) {
	sides := [2]packer{{tok: tok, length: length}, {tok: tok, length: length}}
	var batch []string
	flush := func() {
		pieces := make([][]int32, len(batch))
		eachPart(len(batch), func(from, to int) {
			for i := from; i < to; i++ {
				pieces[i] = tok.Pieces(batch[i])
			}
		})
		for i, p := range pieces {
			side := 0
			if heldBack(batch[i], heldOut) {
				side = 1
			}
			sides[side].add(p)
		}
		batch = batch[:0]
	}
	err = c.Each(func(document string) error {
		if batch = append(batch, document); len(batch) == 1<<12 {
			flush()
		}
		return nil
	})
	flush()
	for i := range sides {
		sides[i].end()
	}
	if err == nil && (len(sides[0].sequences) == 0 || len(sides[1].sequences) == 0) {
		err = errorf(strings.Join(c.Files, ", "), 0, "the texts make %d sequences to learn from and %d to measure on, want some of both", len(sides[0].sequences), len(sides[1].sequences))
	}
	return sides[0].sequences, sides[1].sequences, err
}

// heldBack tells whether a text belongs to the share that is held back.
func heldBack(text string, share float64) bool {
	h := fnv.New64a()
	io.WriteString(h, text)
	return float64(h.Sum64()>>11)/(1<<53) < share
}

// packer fills sequences.
type packer struct {
	tok       tokenizer.Tokenizer
	length    int
	ids       []int32 // of the sequence under way
	sequences []Encoded
	types     []int32 // all 0, shared
}

// leastRoom is the fewest pieces for which a document begins in a sequence.
const leastRoom = 4

func (p *packer) add(pieces []int32) {
	for len(pieces) > 0 {
		if len(p.ids) > 0 && p.length-len(p.ids)-1 < min(leastRoom, len(pieces)) {
			p.end()
		}
		if len(p.ids) == 0 {
			p.ids = append(make([]int32, 0, p.length), p.tok.CLS())
		}
		n := min(len(pieces), p.length-len(p.ids)-1)
		p.ids = append(append(p.ids, pieces[:n]...), p.tok.SEP())
		pieces = pieces[n:]
	}
}

// end closes the sequence under way.
func (p *packer) end() {
	if len(p.ids) == 0 {
		return
	}
	if p.types == nil {
		p.types = make([]int32, p.length)
	}
	p.sequences = append(p.sequences, Encoded{IDs: p.ids, Types: p.types[:len(p.ids)]})
	p.ids = nil
}
