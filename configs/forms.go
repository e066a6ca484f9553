package configs

import (
	"encoding/json"
	"math"
	"strings"

	"go.yaml.in/yaml/v3"
)

// files reads a text, or a list of texts.
func (r *reader) files(node *yaml.Node, key string) (any, bool) {
	list, ok := r.list(node, key, textType)
	if !ok {
		return nil, false
	}
	return Files(strings.Join(list.([]string), "\n")), true
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
		if plain, ok := withoutZeros(value); ok {
			r.report(value.Line, key, "%s", zeros(key+" of "+name.Value, value, plain))
			return nil, false
		}
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
