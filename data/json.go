package data

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// arrayRows reads the objects of a JSON array, or objects one after another, over as many
// lines as they like.
type arrayRows struct {
	jsonRows
	values *json.Decoder
	breaks *breaks
	begun  bool
	array  bool // the objects are in an array that has not ended
	ended  bool
}

func newArrayRows(text *bufio.Reader, rows *jsonRows) *arrayRows {
	b := &breaks{text: text, line: 1}
	return &arrayRows{jsonRows: *rows, values: json.NewDecoder(b), breaks: b}
}

func (r *arrayRows) next() ([]string, int, error) {
	if err := r.brackets(); err != nil || r.ended {
		return r.end(cmp.Or(err, io.EOF))
	}
	var value json.RawMessage
	err := r.values.Decode(&value)
	if err != nil {
		return r.end(err)
	}
	line := r.line(len(value))
	if !utf8.Valid(value) {
		return nil, line, notUTF8
	}
	fields, err := r.fields(value)
	return fields, line, err
}

// end is the end of the rows by an error: io.EOF, but within an array.
func (r *arrayRows) end(err error) ([]string, int, error) {
	switch {
	case err == io.EOF && !r.array:
		return nil, r.line(0), err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, r.breaks.lineAt(r.breaks.read), errors.New("the file ends in the middle of its JSON; it is truncated")
	}
	return nil, r.line(0), fmt.Errorf("is not JSON from here on: %w", err)
}

// brackets reads those around the objects, if the next thing is one. Nothing comes after
// the second.
func (r *arrayRows) brackets() error {
	if !r.begun {
		r.begun = true
		if first, err := r.breaks.first(); err != nil || first != '[' {
			return nil // what there is will be said of it as a value
		}
		r.array = true
		if _, err := r.values.Token(); err != nil {
			return err
		}
	}
	if !r.array || r.values.More() {
		return nil
	}
	if _, err := r.values.Token(); err != nil {
		return err
	}
	r.array, r.ended = false, true
	if _, err := r.values.Token(); err != io.EOF {
		return cmp.Or(err, errors.New("there is more after the array"))
	}
	return nil
}

// line is that on which the last so many bytes read began.
func (r *arrayRows) line(length int) int {
	return r.breaks.lineAt(r.values.InputOffset() - int64(length))
}

// breaks hands a text on and knows where its lines begin.
type breaks struct {
	text *bufio.Reader
	read int64   // bytes handed on
	ends []int64 // offsets of line breaks, of which those before line have been dropped
	line int     // that the first of ends ends
}

// Read hands on what the text has.
func (b *breaks) Read(to []byte) (int, error) {
	n, err := b.text.Read(to)
	for at := 0; ; at++ {
		i := bytes.IndexByte(to[at:n], '\n')
		if i < 0 {
			break
		}
		at += i
		b.ends = append(b.ends, b.read+int64(at))
	}
	b.read += int64(n)
	return n, err
}

// first is the first byte that is no space, which stays where it is; the spaces are read.
func (b *breaks) first() (byte, error) {
	for {
		c, err := b.text.ReadByte()
		if err != nil || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			_ = b.text.UnreadByte() // fails only where there is nothing
			return c, err
		}
		if c == '\n' {
			b.line++
		}
	}
}

// lineAt is the line of an offset; offsets never fall.
func (b *breaks) lineAt(offset int64) int {
	n := 0
	for n < len(b.ends) && b.ends[n] < offset {
		n++
	}
	b.ends = b.ends[n:]
	b.line += n
	return b.line
}

// JSONText returns a value of JSON as a table has it: of a string its text, of null nothing, else
// the JSON.
func JSONText(raw json.RawMessage) string {
	var text *string
	switch {
	case json.Unmarshal(raw, &text) != nil:
		return string(raw)
	case text == nil:
		return ""
	}
	return *text
}
