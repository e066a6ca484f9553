// Package model is weights, their files, and the network over them: it builds the graph that
// model/arch describes of the pieces of package layers, to be trained or to be run.
//
// To read it, begin with what is there before any graph:
//
//	params.go     all weights in one piece of memory, Params; init.go, inherit.go, narrow.go
//	directory.go  a model on disk; config.go, elsewhere.go, names.go
//	load.go       reading it, through store.go; save.go writes, modelling.go for transformers
//
// and go on to what runs:
//
//	bert.go       NewNet: the graph, whatever the family; its Batch and its Use
//	distil.go     what a student is taught beside its labels
//	gradients.go  replicas, and the one sum of their gradients
//	retain.go     other counts of word-vectors from the next run on
//	frozen.go     weights as inference reads them fastest; int8.go, int8load.go, static.go
//
// What the network of a family is, model/arch knows. Faults of a user's files are *Error.
package model
