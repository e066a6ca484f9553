package configs

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"go.yaml.in/yaml/v3"
)

// ClassWeights says how much each label counts in the loss: "" alike, Balanced, or a JSON
// object of weights by label, which in YAML is a mapping.
type ClassWeights string

// Balanced weighs a label by n/(C·n_label), so that all labels count alike together.
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
	if w == "" {
		return nil, nil
	}
	weights, given, n := make([]float64, len(labels)), w.byLabel(), 0
	for _, count := range counts {
		n += count
	}
	for i, label := range labels {
		weights[i] = 1
		if given, ok := given[label]; ok {
			weights[i] = given
		}
		if w == Balanced && counts[i] > 0 {
			weights[i] = float64(n) / float64(len(labels)*counts[i])
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

// classWeights reads a word, or weights by label.
func (r *reader) classWeights(node *yaml.Node, key string) (any, bool) {
	const want = "balanced, or a weight above 0 by label, as {yes: 3, no: 1}"
	if node.Kind == yaml.ScalarNode && (node.Value == "" || node.Value == string(Balanced)) {
		return ClassWeights(node.Value), true
	}
	if node.Kind != yaml.MappingNode || len(node.Content) == 0 {
		r.report(node.Line, key, "%s, want %s", got(key, node), want)
		return nil, false
	}
	weights := map[string]float64{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := target(node.Content[i]), target(node.Content[i+1])
		var weight float64
		_, err := decode(value, &weight, "!!int", "!!float")
		_, twice := weights[name.Value]
		switch {
		case err != nil || !(weight > 0) || math.IsInf(weight, 0):
			r.report(value.Line, key, "%s, want a weight above 0", got(key+" of "+name.Value, value))
			return nil, false
		case twice:
			r.report(name.Line, key, "%s has %q twice; keep one", key, name.Value)
			return nil, false
		}
		weights[name.Value] = weight
	}
	text, err := json.Marshal(weights)
	return ClassWeights(text), err == nil
}
