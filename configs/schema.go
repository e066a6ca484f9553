package configs

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A field is one YAML key of a struct.
type field struct {
	key   string
	index []int
	typ   reflect.Type
}

// fieldsOf lists the YAML keys of a struct in their order; a squashed struct's
// keys stand in place of it.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue // is no key
		}
		tag := f.Tag.Get("mapstructure")
		if tag != ",squash" {
			fields = append(fields, field{tag, f.Index, f.Type})
			continue
		}
		for _, inner := range fieldsOf(f.Type) {
			inner.index = append([]int{i}, inner.index...)
			fields = append(fields, inner)
		}
	}
	return fields
}

// A leaf is one key of an experiment that holds a value, by its YAML path.
type leaf struct {
	key   string
	value reflect.Value
}

// leaves lists every leaf of e in the order of the schema; the values can be set.
func leaves(e *Experiment) []leaf {
	return leavesOf("", reflect.ValueOf(e).Elem())
}

func leavesOf(path string, v reflect.Value) []leaf {
	var list []leaf
	for _, f := range fieldsOf(v.Type()) {
		key, value := join(path, f.key), v.FieldByIndex(f.index)
		if value.Kind() == reflect.Struct {
			list = append(list, leavesOf(key, value)...)
		} else {
			list = append(list, leaf{key, value})
		}
	}
	return list
}

// join puts a key behind the path of its section.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// keys are the YAML keys of a struct.
func keys(t reflect.Type) []string {
	var names []string
	for _, f := range fieldsOf(t) {
		names = append(names, f.key)
	}
	return names
}

// typeOf finds the type at a YAML path of the schema.
func typeOf(path string) (reflect.Type, bool) {
	t := reflect.TypeFor[Experiment]()
next:
	for _, key := range strings.Split(path, ".") {
		if t.Kind() != reflect.Struct {
			return nil, false
		}
		for _, f := range fieldsOf(t) {
			if f.key == key {
				t = f.typ
				continue next
			}
		}
		return nil, false
	}
	return t, true
}

// unknown says that a key of section path (a struct of type t) does not exist,
// and what may have been meant: a key of the section, or of another one.
func unknown(path, key string, t reflect.Type) string {
	text := "unknown key " + join(path, key)
	if near, ok := Nearest(key, keys(t)); ok {
		return text + ", did you mean " + join(path, near) + "?"
	}
	var others []string
	for _, l := range leaves(&Experiment{}) {
		if l.key == key || strings.HasSuffix(l.key, "."+key) {
			others = append(others, l.key)
		}
	}
	if len(others) > 0 {
		return text + ", did you mean " + strings.Join(others, " or ") + "?"
	}
	return fmt.Sprintf("%s, want one of %s", text, strings.Join(keys(t), ", "))
}

// dotted says of an unknown key with dots, as --set takes them, how it is written in a
// file: a section for each part of the key that is meant.
func dotted(path, key string, value *yaml.Node) string {
	meant := join(path, key)
	text := "unknown key " + meant
	if _, known := typeOf(meant); !known {
		near, ok := Nearest(meant, Keys())
		if !ok || !strings.HasPrefix(near, path) {
			return text + "; a file has no keys with dots, but sections"
		}
		meant = near
	}
	given := "..."
	if value.Kind == yaml.ScalarNode {
		given = value.Value
	}
	parts := strings.Split(strings.TrimPrefix(meant, path+"."), ".")
	nested := parts[len(parts)-1] + ": " + given
	for _, section := range slices.Backward(parts[:len(parts)-1]) {
		nested = section + ": {" + nested + "}"
	}
	if path != "" {
		nested += " in " + path
	}
	return text + "; a file has sections where --set has dots, write " + nested
}

// Keys are the YAML paths of all keys that hold a value, in the schema's order.
func Keys() []string {
	var names []string
	for _, l := range leaves(&Experiment{}) {
		names = append(names, l.key)
	}
	return names
}
