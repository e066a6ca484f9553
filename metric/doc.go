// Package metric scores predictions against the truth, on plain slices; and what the
// paper looks at besides: the information that labels share, the likeness of
// word-vectors.
//
// Labels are ids from 0. Two slices that are compared have equal length. Where
// a score is undefined (nothing to score, a class that never occurs, values
// that never vary) it is 0, never NaN. The values are those of scikit-learn
// and SciPy, which the GLUE benchmark uses.
//
// To read it: classify.go, macro.go and several.go (labels), correlate.go (scores),
// calibration.go and thresholds.go (probabilities), interval.go and spread.go (what a figure is
// worth), information.go (the paper's section 2). scores.go is figures by name.
package metric
