// Package tokenizer turns text into the ids of WordPiece or of SentencePiece's
// Unigram, piece by piece the same as Hugging Face's BertTokenizerFast and
// AlbertTokenizerFast (the Rust crate "tokenizers").
//
// A text goes through five steps, each a short file:
//
//	added.go      tokens such as [MASK] are cut out of the raw text
//	normalize.go  clean up, space out CJK, strip accents, lower the case
//	split.go      words end at white space; punctuation stands alone
//	match.go      a word becomes the longest pieces of the vocabulary, left to right
//	encode.go     [CLS] a [SEP] or [CLS] a [SEP] b [SEP], cut longest first
//
// What kinds of tokenizers have in common is in core.go. Of Unigram the steps in
// the middle are
//
//	steps.go, charsmap.go   quotes, NFKD, accents, case, SentencePiece's own table
//	unigram.go, trie.go     words begin with ▁, and become the pieces of the best score
//
// and spm.go reads spiece.model, unigramjson.go its form as tokenizer.json.
//
// The vocabulary comes from vocab.txt or tokenizer.json (load.go, vocab.go,
// json.go) and goes back to a directory that transformers loads (save.go).
// Padding and truncation stored in a tokenizer.json are ignored: the caller
// names the length, and nothing here pads.
//
// A Tokenizer is safe for concurrent use.
package tokenizer
