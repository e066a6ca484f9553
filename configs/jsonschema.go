package configs

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// schemaURL says which JSON Schema this is.
const schemaURL = "https://json-schema.org/draft/2020-12/schema"

// jsonSchema is the schema of an experiment's YAML as JSON Schema, draft 2020-12, for
// editors that complete and check by one.
func jsonSchema() []byte {
	described := map[string]Key{}
	for _, k := range allKeys() {
		described[k.Path] = k
	}
	root := sectionSchema("", reflect.TypeFor[Experiment](), described)
	whole := append(properties{
		{"$schema", schemaURL},
		{"title", "powerbert experiment"},
		{"description", "An experiment of powerbert; `train config --explain KEY` says the same."},
	}, root...)
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(whole) // plain values into memory
	return text.Bytes()
}

// properties is a JSON object in the order of its members.
type properties []struct {
	name  string
	value any
}

// MarshalJSON is the object.
func (p properties) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	for i, member := range p {
		if i > 0 {
			text.WriteByte(',')
		}
		name, err := encoded(member.name)
		if err != nil {
			return nil, err
		}
		value, err := encoded(member.value)
		if err != nil {
			return nil, err
		}
		text.Write(name)
		text.WriteByte(':')
		text.Write(value)
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}

// encoded is a value as JSON that shows <, > and & as they are.
func encoded(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(text.Bytes()), err
}

// sectionSchema is that of a section, which knows no other keys.
func sectionSchema(path string, t reflect.Type, described map[string]Key) properties {
	var members properties
	for _, f := range fieldsOf(t) {
		key := join(path, f.key)
		var one properties
		if f.typ.Kind() == reflect.Struct {
			one = sectionSchema(key, f.typ, described)
		} else {
			one = described[key].schema(f.typ)
		}
		members = append(members, properties{{f.key, one}}...)
	}
	return properties{{"type", "object"}, {"additionalProperties", false}, {"properties", members}}
}

// schema is that of a key that holds a value of type t.
func (k Key) schema(t reflect.Type) properties {
	var value any
	_ = yaml.Unmarshal([]byte(k.Default), &value) // which inline wrote
	about := []string{k.Meaning}
	if k.Change != "" {
		about = append(about, "When to change it: "+k.Change)
	}
	if k.Source != "" {
		about = append(about, "Published: "+strings.TrimSuffix(k.Source, ".")+".")
	}
	schema := append(k.valueSchema(t), properties{{"description", strings.Join(about, "\n\n")}}...)
	if value == "" {
		return schema // nothing is said
	}
	return append(schema, properties{{"default", value}}...)
}

// valueSchema says what values there are of type t.
func (k Key) valueSchema(t reflect.Type) properties {
	switch t.Kind() {
	case reflect.Bool:
		return properties{{"type", "boolean"}}
	case reflect.Int:
		return append(properties{{"type", "integer"}}, k.allowed.limits()...)
	case reflect.Slice:
		return properties{{"type", "array"}, {"items", (Key{}).valueSchema(t.Elem())}}
	case reflect.Float64:
		number := append(properties{{"type", "number"}}, k.allowed.limits()...)
		if word := wordOf(t); word != "" {
			return properties{{"anyOf", []properties{number, {{"const", word}}}}}
		}
		return number
	}
	if t == namesType {
		return properties{{"anyOf", []properties{(Key{}).valueSchema(textType), (Key{}).valueSchema(reflect.SliceOf(textType))}}}
	}
	if t == reflect.TypeFor[ClassWeights]() {
		weight := properties{{"type", "number"}, {"exclusiveMinimum", 0}}
		return properties{{"anyOf", []properties{
			{{"enum", []ClassWeights{"", Balanced}}},
			{{"type", "object"}, {"additionalProperties", weight}},
		}}}
	}
	if prefix := k.allowed.prefix; prefix != "" {
		return properties{{"anyOf", []properties{{{"enum", k.allowed.words}}, {{"type", "string"}, {"pattern", "^" + prefix + "."}}}}}
	}
	if len(k.allowed.words) > 0 {
		return properties{{"enum", k.allowed.words}}
	}
	return properties{{"type", "string"}}
}

// wordOf is the word that stands in place of a number of type t; "": none does.
func wordOf(t reflect.Type) string { return wordedNumbers[t].word }

// limits are the keywords of a range.
func (a allowed) limits() (list properties) {
	for i, b := range []bound{a.low, a.high} {
		name := []string{"minimum", "maximum"}[i]
		if b.open {
			name = []string{"exclusiveMinimum", "exclusiveMaximum"}[i]
		}
		if b.set {
			list = append(list, properties{{name, b.at}}...)
		}
	}
	return list
}
