// Package tokenizer turns text into the ids of pieces, the same as Hugging Face's
// tokenizers (the Rust crate; 0.23.3) and transformers make: of WordPiece, of
// SentencePiece's Unigram, and of BPE over bytes or characters.
//
// Every tokenizer is the content of a tokenizer.json (json.go), whatever files it comes
// from, and text passes through its parts:
//
//	added.go       tokens such as [MASK] are cut out of the raw text
//	steps.go       the normalizer: case, accents, Unicode's forms, SentencePiece's table
//	divide.go      the pre-tokenizer: where words begin and end
//	match.go       WordPiece: a word becomes the longest pieces from left to right
//	unigram.go     Unigram: the pieces of the best score
//	bpe.go         BPE: characters joined in the order in which they were learned to be
//	template.go    special tokens around one text or two, as the post-processor has them
//
// The parts of each of these that need a file to themselves lie beside it: normalize.go
// (BERT's normalizer), forms.go and charsmap.go; behavior.go, bytelevel.go, metaspace.go
// and pattern.go; trie.go and merge.go; processor.go. unicode.go and unicode16.go say of
// which edition of Unicode the reference is in what.
//
// A directory is read by folder.go: which class of transformers the pieces are for
// (family.go), which tokens are special (special.go, config.go), and how a vocab.txt, a
// vocab.json with its merges.txt (files.go) or a SentencePiece model (spm.go,
// spmfiles.go) becomes a tokenizer.json. save.go writes a directory that transformers
// loads. Padding and truncation stored in a tokenizer.json are ignored: the caller names
// the length, and nothing here pads.
//
// A Tokenizer is safe for concurrent use.
package tokenizer
