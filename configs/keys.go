package configs

import (
	"errors"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Key is what there is to know of one key of an experiment.
type Key struct {
	Path    string            `json:"key"`
	Type    string            `json:"type"`
	Default string            `json:"default"`           // as YAML
	Range   string            `json:"range,omitempty"`   // in words; "": any value of the type
	Presets map[string]string `json:"presets,omitempty"` // default under a word of compat, where that is another
	Meaning string            `json:"meaning"`
	Source  string            `json:"source,omitempty"` // where it is published
	Change  string            `json:"change,omitempty"` // when to

	allowed allowed
}

// An entry is what a person has to write of a key. That of "STAGE.lr" is of every section
// with the keys of a stage, that of "*.distil.alpha" of both teachers.
type entry struct {
	key     string
	allowed allowed
	meaning string
	source  string
	change  string
}

// Explain lists what there is to know of a key, or of the keys of a section, in the
// schema's order; of "" all.
func Explain(path string) ([]Key, error) {
	var list []Key
	for _, k := range allKeys() {
		if path == "" || k.Path == path || strings.HasPrefix(k.Path, path+".") {
			list = append(list, k)
		}
	}
	if len(list) > 0 {
		return list, nil
	}
	section, name := "", path
	if i := strings.LastIndex(path, "."); i >= 0 {
		section, name = path[:i], path[i+1:]
	}
	t, ok := typeOf(section)
	if !ok || t.Kind() != reflect.Struct {
		section, name, t = "", path, reflect.TypeFor[Experiment]()
	}
	return nil, errors.New(unknown(section, name, t))
}

// allKeys is every key of the schema, in its order.
func allKeys() []Key {
	base := defaults()
	presetLeaves := map[string][]leaf{}
	for word, apply := range presets {
		e := defaults()
		apply(&e)
		presetLeaves[word] = leaves(&e)
	}
	var list []Key
	for i, l := range leaves(&base) {
		about := entryOf(l.key)
		k := Key{
			Path: l.key, Type: typeName(l.value.Type()), Default: inline(l.value), Range: about.allowed.String(),
			Meaning: about.meaning, Source: about.source, Change: about.change, allowed: about.allowed,
		}
		for word, other := range presetLeaves {
			if value := inline(other[i].value); value != k.Default {
				if k.Presets == nil {
					k.Presets = map[string]string{}
				}
				k.Presets[word] = value
			}
		}
		list = append(list, k)
	}
	return list
}

// entryOf is the entry of a key; an empty one where there is none.
func entryOf(key string) entry {
	for _, e := range entries() {
		if e.of(key) {
			return e
		}
	}
	return entry{}
}

// stageSections are the sections with the keys of a stage.
var stageSections = []string{StagePretrain, StageFinetune, StageSearch, StageRetrain, SectionStudents}

// of tells whether the entry is of a key.
func (e entry) of(key string) bool {
	if name, ok := strings.CutPrefix(e.key, "STAGE."); ok {
		for _, section := range stageSections {
			if key == join(section, name) {
				return true
			}
		}
		return false
	}
	if name, ok := strings.CutPrefix(e.key, "*."); ok {
		return strings.HasSuffix(key, "."+name)
	}
	return key == e.key
}

// typeName names the type of a leaf as a user calls it.
func typeName(t reflect.Type) string {
	if word := wordOf(t); word != "" {
		return "number or " + word
	}
	switch t.Kind() {
	case reflect.String:
		if t == reflect.TypeFor[ClassWeights]() {
			return string(Balanced) + " or weights by label"
		}
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "whole number"
	case reflect.Float64:
		return "number"
	case reflect.Slice:
		return "list of " + map[reflect.Kind]string{reflect.String: "texts", reflect.Int: "whole numbers", reflect.Float64: "numbers"}[t.Elem().Kind()]
	}
	return "text"
}

// inline is a leaf's value as YAML in a line.
func inline(v reflect.Value) string {
	node := &yaml.Node{}
	_ = node.Encode(v.Interface()) // a plain value
	node.Style = yaml.FlowStyle
	text, _ := yaml.Marshal(node)
	return strings.TrimSpace(string(text))
}
