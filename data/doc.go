// Package data turns files into examples and examples into word-pieces.
//
// The way of a row: open (gzip, zstd and byte-order marks fall away), a reader of
// the format (TSV, CSV, JSONL, JSON, Parquet) that picks the text and label columns, label
// ids, word-pieces. Order then says in which order an epoch sees the examples.
//
// Tasks: those of the paper (tasks.go), GLUE's, IMDB and RACE, each in the layout
// it is distributed in; "table" for any file with named columns; "demo" for
// reviews that the program makes itself.
//
// Whatever is wrong with a file is an *Error that names the file and the line.
//
// To read it: source.go (what is to be read), load.go (the sets), tasks.go and table.go (their
// layouts), rows.go with csv.go, jsonl.go, json.go, parquet.go and folders.go (one row after
// another), labels.go and answer.go (from what stands there to ids and numbers), encode.go and
// windows.go (word-pieces), order.go (an epoch). holdout.go, fold.go and split.go divide sets,
// texts.go and textfiles.go read what has no labels, corpus.go, pack.go and masking.go are for
// pretraining, look.go and guess.go for `train init`, summary.go for `train data`, and demo.go
// writes a task.
package data
