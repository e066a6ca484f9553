// Package problem says what the outputs of a model mean: which kinds of answer there
// are, how logits become one, what they lose against the truth, and how they are scored.
// It knows neither models nor files.
//
// To read it: problem.go has the kinds, heads.go what transformers calls them, outputs.go the
// answers to a set beside the truth, decide.go how logits become an answer, score.go its
// metrics. several.go is about labels that are each by itself, window.go about texts that were
// divided, calibrate.go about temperatures, and interval.go, constant.go and difference.go
// about what a score is worth.
package problem
