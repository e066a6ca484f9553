package data

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// jsonRows reads an object per line.
type jsonRows struct {
	lines
	keys  []string
	texts int  // of the keys, the first ones
	kept  int  // of the keys, the last ones
	lists bool // what is neither may be an array, or null
}

// jsonRows reads the wanted keys of objects in a layout.
func (lay layout) jsonRows(source lines, wanted []string) *jsonRows {
	return &jsonRows{lines: source, keys: wanted, texts: len(lay.text), kept: len(lay.keep), lists: lay.listed()}
}

func (r *jsonRows) next() ([]string, int, error) {
	content, err := r.lines.next()
	switch {
	case err != nil:
		return nil, r.line + 1, err
	case !utf8.Valid(content):
		return nil, r.line, notUTF8
	case len(bytes.TrimSpace(content)) == 0:
		return r.next()
	}
	fields, err := r.fields(content)
	return fields, r.line, err
}

// fields are the values of the wanted keys. Texts must be strings; the label
// may be a number or a boolean too, and is taken as it is written, as is an array of
// labels. What is kept may be
// anything, and nothing: it is JSON, null where the key is not there.
func (r *jsonRows) fields(content []byte) ([]string, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(content, &object); err != nil {
		if json.Valid(content) {
			return nil, malformed("is " + kind(bytes.TrimSpace(content)) + ", want a JSON object")
		}
		return nil, malformed(fmt.Sprintf("is not a JSON object: %v", err))
	}
	fields := make([]string, len(r.keys))
	for i, key := range r.keys {
		raw, ok := field(object, key)
		if i >= len(r.keys)-r.kept {
			fields[i] = cmp.Or(string(raw), "null")
			continue
		}
		if !ok {
			return nil, malformed(fmt.Sprintf("has no key %q", key))
		}
		if r.lists && i >= r.texts && (raw[0] == '[' || raw[0] == 'n') {
			fields[i] = string(raw)
			continue
		}
		value, ok := scalar(raw, i >= r.texts)
		if !ok {
			return nil, malformed(fmt.Sprintf("has a %q that is %s, want %s", key, kind(raw), r.want(i, raw)))
		}
		fields[i] = value
	}
	return fields, nil
}

// want says what the value of the i-th key should be, in place of another.
func (r *jsonRows) want(i int, got json.RawMessage) string {
	switch {
	case r.lists && i >= r.texts:
		return "an array of labels"
	case i >= r.texts && got[0] == '[':
		return "a string; where a text may have several labels set data.multi_label: true"
	}
	return "a string"
}

// field is the value of a key: of review.body, unless the object has just that key, body
// of the object review.
func field(object map[string]json.RawMessage, key string) (json.RawMessage, bool) {
	if raw, ok := object[key]; ok {
		return raw, true
	}
	for i := range key {
		var inner map[string]json.RawMessage
		if key[i] != '.' || json.Unmarshal(object[key[:i]], &inner) != nil {
			continue
		}
		if raw, ok := field(inner, key[i+1:]); ok {
			return raw, true
		}
	}
	return nil, false
}

// scalar is a JSON string's text, or with literals also a number or a boolean
// as written.
func scalar(raw json.RawMessage, literals bool) (string, bool) {
	var text string
	if raw[0] == '"' {
		return text, json.Unmarshal(raw, &text) == nil
	}
	return string(raw), literals && !strings.ContainsAny(string(raw[:1]), "n{[")
}

// kind names what a JSON value is.
func kind(raw json.RawMessage) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	}
	return "a number"
}
