// Package quantize makes int8 models of trained ones, and says what that costs: it holds
// both precisions against each other on the same texts, and leaves the layers that cost
// most in float32.
//
// To read it: quantize.go is the job from the directory to the record, texts.go what both
// precisions are asked, compare.go what they answer, choose.go which layers stay in float32.
// export.go does the same for the int8 of other runtimes, run.go at the end of a run.
package quantize
