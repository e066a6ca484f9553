// Package layers holds the pieces of a BERT encoder and of PoWER-BERT's
// word-vector elimination (Goyal et al. 2020, arXiv 2001.08950) as nodes of a
// graph.
//
// Letters: B sequences, n_j word-vectors entering encoder j, l_j word-vectors it
// keeps, H hidden, F feed-forward width, A heads, N the longest input. The
// word-vectors of all sequences of a batch lie packed one after another in the
// rows of a matrix: n below is their number over the whole batch, and changes
// from run to run.
//
// To read it: encoder.go is the whole of an encoder in the order of its equations; what it calls
// lies beside it, extract.go the paper's own part. embedding.go comes before, head.go after.
// builder.go keeps the first error, so that none of these has to look at each.
package layers
