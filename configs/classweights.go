package configs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// ClassWeights says how much each label counts in the loss: "" alike, Balanced, or a JSON
// object of weights by label, which in YAML is a mapping.
type ClassWeights string

// Balanced weighs a label by n/(C·n_label), so that all labels count alike together, or
// of labels by themselves having one by (n − n_label)/n_label, so that having it counts as
// much as not having it.
const Balanced ClassWeights = "balanced"

// byLabel is the weights of a mapping; nil for none.
func (w ClassWeights) byLabel() (weights map[string]float64) {
	_ = json.Unmarshal([]byte(w), &weights) // a word is none
	return weights
}

// Of is the weights of labels of which there are so many examples each; nil: all count
// alike. A label that is not named counts 1, as does one without examples under Balanced.
// Its error names a label that is not there.
func (w ClassWeights) Of(labels []string, counts []int) ([]float64, error) {
	n := 0
	for _, count := range counts {
		n += count
	}
	return w.of(labels, func(i int) float64 { return float64(n) / float64(len(labels)*counts[i]) }, counts)
}

// Having is Of labels that are each by itself, in so many examples: of having one.
func (w ClassWeights) Having(labels []string, counts []int, examples int) ([]float64, error) {
	return w.of(labels, func(i int) float64 {
		if counts[i] == examples {
			return 1 // there is nothing to tell it from
		}
		return float64(examples-counts[i]) / float64(counts[i])
	}, counts)
}

// of is the weights with those of labels with examples under Balanced.
func (w ClassWeights) of(labels []string, balanced func(i int) float64, counts []int) ([]float64, error) {
	if w == "" {
		return nil, nil
	}
	weights, given := make([]float64, len(labels)), w.byLabel()
	for i, label := range labels {
		weights[i] = 1
		if given, ok := given[label]; ok {
			weights[i] = given
		}
		if w == Balanced && counts[i] > 0 {
			weights[i] = balanced(i)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(labels, name) {
			return nil, fmt.Errorf("finetune.class_weights names %q, but the labels are %q", name, labels)
		}
	}
	return weights, nil
}

// MarshalYAML writes the word, or the mapping.
func (w ClassWeights) MarshalYAML() (any, error) {
	if weights := w.byLabel(); weights != nil {
		return weights, nil
	}
	return string(w), nil
}

// MarshalJSON writes the word, or the object.
func (w ClassWeights) MarshalJSON() ([]byte, error) {
	if weights := w.byLabel(); weights != nil {
		return json.Marshal(weights)
	}
	return json.Marshal(string(w))
}
