package data

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// A rowReader yields the rows of a file one by one: the wanted columns, text
// first, then the label, or labels, if the layout has any, then what is kept, and the line where the
// row begins. The error is io.EOF at the end, a malformed that the next call leaves behind, or one that ends it.
type rowReader interface {
	next() (fields []string, line int, err error)
}

// fileRows are rows of several files.
type fileRows interface {
	at() string // the file of the row that was read last
}

// A malformed is what is wrong with a row; the rows after it are sound.
type malformed string

func (m malformed) Error() string { return string(m) }

const (
	notUTF8    = malformed("is not valid UTF-8; convert the file")
	emptyLabel = malformed("has an empty label")
)

// newRowReader reads text in the layout; the header, if the layout has it in
// the file, is read here.
func newRowReader(text *bufio.Reader, lay layout) (rowReader, int, error) {
	wanted := slices.Clone(lay.text)
	wanted = append(wanted, lay.answers()...)
	wanted = append(wanted, lay.keep...)
	source := lines{text: text}
	switch lay.format {
	case Lines:
		return &plainRows{source, 1 + len(lay.keep), lay.known}, 0, nil
	case JSONL:
		return lay.jsonRows(source, wanted), 0, nil
	case JSON:
		return newArrayRows(text, lay.jsonRows(lines{}, wanted)), 0, nil
	case CSV:
		return newTable(newCSVRecords(text, lay.separator()), lay.header, wanted)
	}
	return newTable(&tsvRecords{source, string(lay.separator())}, lay.header, wanted)
}

// lines reads a text line by line, of any length, and skips blank ones.
type lines struct {
	text *bufio.Reader
	line int // of the last one read
}

// next is the next line that is not blank.
func (l *lines) next() ([]byte, error) {
	for {
		if content, err := l.any(); err != nil || len(content) > 0 {
			return content, err
		}
	}
}

// any is the next line, blank or not, without its end, LF or CR LF.
func (l *lines) any() ([]byte, error) {
	content, err := l.text.ReadBytes('\n')
	if err != nil && (err != io.EOF || len(content) == 0) {
		return nil, err
	}
	l.line++
	return bytes.TrimSuffix(bytes.TrimSuffix(content, []byte{'\n'}), []byte{'\r'}), nil
}

// plainRows takes every line as a text, blank ones too, so that the n-th row is
// the n-th line.
type plainRows struct {
	lines
	times   int      // that it comes in a row: as the text, and as what is kept
	columns []string // whose names tell a header
}

func (r *plainRows) next() ([]string, int, error) {
	content, err := r.any()
	switch {
	case err != nil:
		return nil, r.line + 1, err
	case !utf8.Valid(content):
		return nil, r.line, notUTF8
	case r.line == 1 && isHeader(string(content), r.columns):
		return nil, r.line, fmt.Errorf("is the header of a table with the columns %s; tell the format: %s", quoted(r.columns), columnedList)
	}
	return slices.Repeat([]string{string(content)}, r.times), r.line, nil
}

// isHeader tells whether a line names columns, among others or alone.
func isHeader(line string, columns []string) bool {
	names := strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(",;\t|", c) })
	for i, name := range names {
		names[i] = strings.Trim(name, "\" ")
	}
	return len(columns) > 0 && !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(names, c) })
}

// records are the rows of a delimited file, all columns.
type records interface {
	read() (fields []string, line int, err error)
}

// tsvRecords splits at every separator, a tab.
type tsvRecords struct {
	lines
	separator string
}

func (r *tsvRecords) read() ([]string, int, error) {
	content, err := r.next()
	switch {
	case err != nil:
		return nil, r.line + 1, err
	case !utf8.Valid(content):
		return nil, r.line, notUTF8
	}
	return strings.Split(string(content), r.separator), r.line, nil
}
