package tokenizer

import "fmt"

// Fits reports an error if a model whose embedding has so many rows has none for an id
// of the tokenizer. A model may have more rows than there are ids: embeddings are often
// filled up to a round number. It is to be asked once, when both are loaded.
func Fits(tok Tokenizer, rows int) error {
	n := tok.Size()
	if n <= rows {
		return nil
	}
	added := coreOf(tok).added
	for id := rows; id < n; id++ {
		if _, ok := added[int32(id)]; !ok {
			return fmt.Errorf("the tokenizer has %d ids, but the model's embedding has %d rows, none for %q, id %d; use the tokenizer that belongs to the model",
				n, rows, tok.Token(int32(id)), id)
		}
	}
	return fmt.Errorf("the tokenizer has %d ids, but the model's embedding has %d rows, none for the added token %q, id %d; "+
		"give the model a row for each added token and train them, or take the tokens out of the tokenizer's files", n, rows, tok.Token(int32(rows)), rows)
}

// Types is how many types the ids of a pair have: 2 if those of the second text differ
// from the first's, as BERT's do, and 1 if a model needs to know but one, as RoBERTa's.
func Types(tok Tokenizer) int {
	if coreOf(tok).pair.typed() {
		return 2
	}
	return 1
}
