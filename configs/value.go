package configs

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The types of a text, and of the names of files, which may be a list.
var (
	textType  = reflect.TypeFor[string]()
	namesType = reflect.TypeFor[Names]()
)

// value reads a leaf of type t.
func (r *reader) value(node *yaml.Node, key string, t reflect.Type) (any, bool) {
	var err error
	var value any
	want := ""
	if t == reflect.TypeFor[ClassWeights]() {
		return r.classWeights(node, key)
	}
	if plain, ok := withoutZeros(node); ok && (t.Kind() == reflect.Int || t.Kind() == reflect.Float64) {
		r.report(node.Line, key, "%s", zeros(key, node, plain))
		return nil, false
	}
	switch t.Kind() {
	case reflect.Slice:
		return r.list(node, key, t.Elem())
	case reflect.String:
		if t == namesType && node.Kind == yaml.SequenceNode {
			return r.files(node, key)
		}
		want = fmt.Sprintf("text: %q", short(node.Value))
		value, err = node.Value, wantTag(node, "!!str")
	case reflect.Bool:
		want = "true or false"
		var b bool
		value, err = decode(node, &b, "!!bool")
	case reflect.Int:
		want = "a whole number"
		var i int
		value, err = decode(node, &i, "!!int")
	case reflect.Float64:
		value, want, err = number(node, t)
	}
	if err != nil {
		if node.Kind != yaml.ScalarNode && t.Kind() == reflect.String {
			want = "text"
		}
		r.report(node.Line, key, "%s, want %s", got(key, node), want)
	}
	return value, err == nil
}

// zeros says what is wrong with a number that begins with zeros, and how to write it.
func zeros(key string, node *yaml.Node, plain string) string {
	return got(key, node) + ", which YAML may read as octal; leave the leading zeros out: " + plain
}

// zeroed is a number that begins with a zero that says nothing.
var zeroed = regexp.MustCompile(`^([-+]?)0[0_]*([0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?)$`)

// withoutZeros returns a number without the zeros that it begins with; not ok: it has none.
func withoutZeros(node *yaml.Node) (plain string, ok bool) {
	m := zeroed.FindStringSubmatch(node.Value)
	if node.Kind != yaml.ScalarNode || m == nil || node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		return "", false
	}
	return m[1] + m[2], true
}

// number reads a number of type t, or the word that stands for one; want is what may stand
// there.
func number(node *yaml.Node, t reflect.Type) (value any, want string, err error) {
	want = "a finite number"
	says, hasWord := wordedNumbers[t]
	if hasWord {
		if node.Kind == yaml.ScalarNode && node.Value == says.word {
			return says.value, "", nil
		}
		want = says.want + ", or " + says.word
	}
	var f float64
	value, err = decode(node, &f, "!!int", "!!float")
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return nil, want, errors.New("not finite")
	case err == nil && hasWord:
		var ok bool
		if value, ok = says.of(f); !ok {
			err = errors.New("out of range")
		}
	}
	return value, want, err
}

// list reads a list of texts or of numbers.
func (r *reader) list(node *yaml.Node, key string, element reflect.Type) (any, bool) {
	if node.Kind != yaml.SequenceNode {
		want := "a list of " + map[reflect.Kind]string{reflect.String: "texts", reflect.Int: "whole numbers", reflect.Float64: "numbers"}[element.Kind()]
		if node.Kind == yaml.ScalarNode {
			want = "a list: [" + short(node.Value) + "]"
		}
		r.report(node.Line, key, "%s, want %s", got(key, node), want)
		return nil, false
	}
	values, ok := reflect.MakeSlice(reflect.SliceOf(element), 0, len(node.Content)), true
	for i, item := range node.Content {
		value, fits := r.value(target(item), fmt.Sprintf("%s[%d]", key, i), element)
		if ok = ok && fits; ok {
			values = reflect.Append(values, reflect.ValueOf(value))
		}
	}
	return values.Interface(), ok
}

// wantTag reports an error unless the node is a scalar of one of the YAML types.
func wantTag(node *yaml.Node, tags ...string) error {
	for _, tag := range tags {
		if node.Kind == yaml.ScalarNode && node.Tag == tag {
			return nil
		}
	}
	return fmt.Errorf("%s, want %v", node.Tag, tags)
}

// decode reads a scalar of one of the YAML types into to.
func decode[T any](node *yaml.Node, to *T, tags ...string) (any, error) {
	if err := wantTag(node, tags...); err != nil {
		return nil, err
	}
	err := node.Decode(to)
	return *to, err
}

// got says what stands at a key, of a long text how it begins.
func got(key string, node *yaml.Node) string {
	value := short(node.Value)
	switch {
	case node.Kind == yaml.MappingNode:
		return key + " is a section"
	case node.Kind == yaml.SequenceNode:
		return key + " is a list"
	case node.Tag == "!!str" && strings.TrimSpace(value) != value, value == "", strings.Contains(value, "\n"):
		return fmt.Sprintf("%s is %q", key, value)
	}
	return key + " is " + value
}

// short is a text of at most 60 characters, the last of which says whether it is cut.
func short(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:59]) + "…"
	}
	return text
}
