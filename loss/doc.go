// Package loss is what training minimises, as the papers write it: what the outputs of a
// network lose against the truth, what a student loses against its teacher, and the
// regulariser of the search. Each is a node of a graph, a scalar with its gradient.
//
// A mean is over the whole optimiser step: a node is a sum over the batch at hand, each
// term times the batch's Weight, which is 1 over the terms that all workers and
// micro-batches of the step hold. What makes a node reports an error where shapes or
// types do not fit.
//
// To read it: loss.go picks the loss of a problem, and term.go is what all of them share; then
// any file, each of which is one term as its paper writes it. penalty.go is λ·Σ j·mass(j; r),
// and blend.go adds terms up.
package loss
