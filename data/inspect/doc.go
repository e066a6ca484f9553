// Package inspect looks at data for what a person would want to know before a model
// learns it: dev rows that are in train, rows that contradict one another, labels that
// are one and the same, texts that are none, words that give the label away.
//
// Each detector is a function from a look at the sets to findings. A finding says what
// was found, how often, at which lines, and what to do. Thresholds are constants beside
// their detectors. Data that the program makes itself is not looked at.
//
// To read it: finding.go (what comes out), look.go (the list of detectors), files.go (what is
// wrong before anything can be read); then any detector: rows.go, near.go, texts.go, labels.go,
// pieces.go.
package inspect
