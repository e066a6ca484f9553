package configs

import (
	"errors"
	"fmt"
	"math"
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
	for _, k := range Described() {
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

// Described is every key of the schema, in its order.
func Described() []Key {
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

// allowed is what a key may be.
type allowed struct {
	low, high bound
	words     []string // all there are
	prefix    string   // of words that are allowed, too, whatever follows; "": none
}

// A bound ends a range of numbers.
type bound struct {
	set, open bool // open: the value itself is outside
	at        float64
}

// oneOf allows words.
func oneOf(words ...string) allowed { return allowed{words: words} }

// orAfter allows words with a prefix, too.
func (a allowed) orAfter(prefix string) allowed {
	a.prefix = prefix
	return a
}

// from allows numbers of at least low.
func from(low float64) allowed { return allowed{low: bound{true, false, low}} }

// above allows numbers of more than low.
func above(low float64) allowed { return allowed{low: bound{true, true, low}} }

// upTo ends the range with a number that is inside.
func (a allowed) upTo(high float64) allowed {
	a.high = bound{true, false, high}
	return a
}

// below ends the range with a number that is outside.
func (a allowed) below(high float64) allowed {
	a.high = bound{true, true, high}
	return a
}

// String is the range in words; "" for none.
func (a allowed) String() string {
	if len(a.words) > 0 {
		words := make([]string, len(a.words))
		for i, word := range a.words {
			if words[i] = word; word == "" {
				words[i] = `""`
			}
		}
		if a.prefix != "" {
			words = append(words, a.prefix+"LABEL")
		}
		return strings.Join(words, ", ")
	}
	var parts []string
	if a.low.set {
		parts = append(parts, a.low.text("more than %s", "%s or more"))
	}
	if a.high.set {
		parts = append(parts, a.high.text("less than %s", "%s at most"))
	}
	return strings.Join(parts, ", ")
}

func (b bound) text(open, closed string) string {
	number := fmt.Sprint(b.at)
	if b.at == math.Trunc(b.at) {
		number = fmt.Sprintf("%.0f", b.at)
	}
	if b.open {
		return fmt.Sprintf(open, number)
	}
	return fmt.Sprintf(closed, number)
}
