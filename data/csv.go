package data

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// csvRecords leaves the quoting rules to encoding/csv. A quote that swallows all
// the rows to the end of the file is no malformed row, to be skipped as one.
type csvRecords struct {
	text *bufio.Reader
	csv  *csv.Reader
	line int // of the last row that began
}

func newCSVRecords(text *bufio.Reader, separator rune) *csvRecords {
	r := csv.NewReader(text)
	r.Comma = separator
	r.FieldsPerRecord = -1 // table counts, with a message of its own
	return &csvRecords{text: text, csv: r}
}

func (r *csvRecords) read() ([]string, int, error) {
	fields, err := r.csv.Read()
	var broken *csv.ParseError
	switch {
	case errors.As(err, &broken):
		r.line = broken.StartLine
		if _, err := r.text.Peek(1); err == io.EOF && broken.Line > r.line {
			return nil, r.line, fmt.Errorf("a quoted field that begins in this row does not end before line %d, the last", broken.Line)
		}
		return nil, r.line, csvMalformed(broken)
	case err != nil:
		return nil, r.line + 1, err
	}
	r.line, _ = r.csv.FieldPos(0)
	for _, field := range fields {
		if !utf8.ValidString(field) {
			return nil, r.line, notUTF8
		}
	}
	return fields, r.line, nil
}

func csvMalformed(e *csv.ParseError) malformed {
	what := "a quote within an unquoted field; quote the field and double the quotes in it"
	if errors.Is(e.Err, csv.ErrQuote) {
		what = "a quoted field that does not end, or goes on after its closing quote"
	}
	return malformed(fmt.Sprintf("has %s (line %d, byte %d)", what, e.Line, e.Column))
}
