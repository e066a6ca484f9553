package configs

import (
	"bytes"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"
)

// YAML writes the experiment with every key, in the order of the schema. Load
// reads it back to the same value on any machine.
func (e *Experiment) YAML() []byte {
	escaped := *e
	escaped.Pretrain.Texts = slices.Clone(e.Pretrain.Texts)
	for _, path := range escaped.paths() {
		*path.value = escape(*path.value)
	}
	var buffer bytes.Buffer
	encoder := yaml.NewEncoder(&buffer)
	encoder.SetIndent(2)
	_ = encoder.Encode(nodeOf("", reflect.ValueOf(escaped), e.Model != "")) // memory and plain values only
	return buffer.Bytes()
}

// nodeOf is a struct's section at path; without the sizes of an encoder that
// model shapes.
func nodeOf(path string, v reflect.Value, shaped bool) *yaml.Node {
	section := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fieldsOf(v.Type()) {
		key, value := join(path, f.key), v.FieldByIndex(f.index)
		if shaped && slices.Contains(encoderKeys, key) {
			continue
		}
		node := &yaml.Node{}
		if value.Kind() == reflect.Struct {
			node = nodeOf(key, value, shaped)
		} else {
			_ = node.Encode(value.Interface())
		}
		if value.Kind() == reflect.Slice {
			node.Style = yaml.FlowStyle
		}
		name := &yaml.Node{Kind: yaml.ScalarNode, Value: f.key}
		section.Content = append(section.Content, name, node)
	}
	return section
}

// Map is the experiment as nested maps, for JSON.
func (e *Experiment) Map() map[string]any {
	return mapOf(reflect.ValueOf(*e))
}

func mapOf(v reflect.Value) map[string]any {
	m := map[string]any{}
	for _, f := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(f.index)
		switch {
		case value.Kind() == reflect.Struct:
			m[f.key] = mapOf(value)
		case value.Kind() == reflect.Slice && value.IsNil():
			m[f.key] = []string{} // no list is an empty one, not null
		default:
			m[f.key] = value.Interface()
		}
	}
	return m
}
