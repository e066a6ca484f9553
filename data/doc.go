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
package data
