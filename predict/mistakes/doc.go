// Package mistakes says what a person should know of a model's mistakes: which labels it
// takes for which, on which examples it is most surely wrong, and how well it does on
// which of them. It reads outputs beside the set that they are of, and runs nothing.
//
// To read it: errors.go, confused.go, slice.go with quartiles.go.
package mistakes
