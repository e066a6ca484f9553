// Package train is the loop that all stages share: optimiser steps over shuffled batches,
// evaluations, what is kept and when it stops, as a plan.Plan says. It computes the
// gradients of a step on several workers, lets a teacher run beside, and grows a model on
// the way. It knows no YAML, no file names and no terminal: a Store keeps what it makes,
// Sinks are told.
//
// To read it: loop.go is the loop, and says what it wants of its caller; work.go is a stage
// under way and state.go what of it is saved. learner.go is what learns, stepper.go one
// optimiser step of it, teacher.go what runs beside, sandwich.go a step at several budgets,
// evaluation.go an evaluation, progress.go how far it has come. crew.go shares steps with other ranks of a job and follow.go is
// one of these; rankstepper.go is what both do, weights.go what they have in common, exchange.go
// the sum of gradients, words.go that of word embeddings. steps.go makes steps without a run, to be measured.
package train
