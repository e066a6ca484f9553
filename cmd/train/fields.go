package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/powerbert/powerbert/data"
)

// A field is a named value of a row.
type field struct {
	name  string
	value any
}

// fields is a row of the output; in JSON it is an object that keeps their order.
type fields []field

// MarshalJSON writes the object.
func (f fields) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	text.WriteByte('{')
	for i, field := range f {
		if i > 0 {
			text.WriteByte(',')
		}
		if err := encoder.Encode(field.name); err != nil {
			return nil, err
		}
		text.WriteByte(':')
		if err := encoder.Encode(field.value); err != nil {
			return nil, err
		}
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}

func (f fields) names() []string {
	names := make([]string, len(f))
	for i, field := range f {
		names[i] = field.name
	}
	return names
}

// texts are the values as cells of a CSV: a JSON string without its quotes, null as "".
func (f fields) texts() []string {
	texts := make([]string, len(f))
	for i, field := range f {
		texts[i] = fmt.Sprint(field.value)
		if raw, ok := field.value.(json.RawMessage); ok {
			texts[i] = data.JSONText(raw)
		}
	}
	return texts
}

// byLabel is a number for each label; in JSON it is an object that keeps their order.
type byLabel struct {
	labels []string
	values []float64
}

// MarshalJSON writes the object.
func (b byLabel) MarshalJSON() ([]byte, error) {
	row := make(fields, len(b.labels))
	for i, label := range b.labels {
		row[i] = field{label, b.values[i]}
	}
	return row.MarshalJSON()
}
