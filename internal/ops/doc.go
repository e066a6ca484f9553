// Package ops makes gorgonia operations of the kernels: each has a symbolic
// gradient, keeps the memory of its result from run to run, and follows the rows
// that the batch at hand really has, whatever shape its node declares.
//
// The sequences of a batch lie packed, one after another, in the rows of every
// matrix (see Batch). The declared shape of a ragged node only says that it is a
// matrix of so many columns.
//
// Whoever builds graphs needs no gorgonia: nodes, their gradients and the machine
// that runs them are here. An op of another package is a Computer, with a gradient
// a Differ, that Apply makes a node of.
//
// To read it: op.go says what an op is, node.go what a graph is made of, batch.go how sequences
// lie in rows. linear.go is the simplest op with a gradient, attention.go the longest; with
// selection.go and softextract.go it is the paper's. plan.go gives every op its memory, memory.go
// says what that is, and sum.go adds up the gradients of replicas.
package ops
