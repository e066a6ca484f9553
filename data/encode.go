package data

import (
	"runtime"
	"sync"

	"github.com/powerbert/powerbert/data/tokenizer"
)

// An Encoded is an example as the model reads it.
type Encoded struct {
	IDs   []int32 // [CLS] text [SEP], and for pairs second text [SEP]
	Types []int32 // 0 up to the first [SEP], 1 after it; as long as IDs
	Label int     // index into Set.Labels
	Cut   int     // pieces that did not fit into the maximal length
}

// Encode turns the examples of a set into word-pieces, at most maxLength per
// example with the special tokens (0: no limit), longest text cut first. The
// order is that of the set. It works on all cores.
func Encode(set *Set, tok tokenizer.Tokenizer, maxLength int) []Encoded {
	encoded := make([]Encoded, len(set.Examples))
	eachPart(len(encoded), func(from, to int) {
		for i := from; i < to; i++ {
			encoded[i] = set.Examples[i].Encode(set.Paired, tok, maxLength)
		}
	})
	return encoded
}

// Encode turns one example into word-pieces, as Encode does with those of a set.
func (e Example) Encode(paired bool, tok tokenizer.Tokenizer, maxLength int) Encoded {
	var enc tokenizer.Encoding
	if paired {
		enc = tok.EncodePair(e.Text, e.Pair, maxLength)
	} else {
		enc = tok.Encode(e.Text, maxLength)
	}
	return Encoded{IDs: enc.IDs, Types: enc.Types, Label: e.Label, Cut: enc.Cut}
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
