package data

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// TextSource says where texts without labels are and how to read them.
type TextSource struct {
	Path          string // file; "-": Input
	Input         io.Reader
	Format        string   // Lines, CSV, TSV, JSONL, JSON, Parquet or RACE; "": by the file's suffix, Lines where that says nothing
	Delimiter     string   // of a table's columns, one character; "": that of the format. With no format told, a table is CSV
	Text          []string // names of one or two columns, none for Lines and RACE
	Keep          []string // names of any columns that come along; of Lines only LinesColumn
	Options       int      // of a question, for RACE; 0: as many as the first has
	Columns       []string // of Lines: a first line with all of these names is the header of a table, and refused
	SkipMalformed bool     // skip and count malformed rows; otherwise the first one is an error
}

// LinesColumn is what the one column of Lines is called where it is kept.
const LinesColumn = "text"

// MostNamed is how many malformed rows a Texts remembers.
const MostNamed = 10

// Texts is a file's texts, read one by one: it holds one row at a time.
type Texts struct {
	Paired bool
	LeftOut

	path  string
	texts int // columns of a row that are its text; the others are kept
	skip  bool
	rows  rowReader
	close func() error
}

// A LeftOut is the malformed rows so far, with TextSource.SkipMalformed.
type LeftOut struct {
	Skipped int
	Named   []Malformed // the first of them, MostNamed at most
}

// note counts a malformed row.
func (l *LeftOut) note(bad Malformed) {
	if l.Skipped++; len(l.Named) < MostNamed {
		l.Named = append(l.Named, bad)
	}
}

// OpenTexts opens a file of texts, decompressed if it is gzip or zstd. It reports an *Error
// for a file that cannot be read or that lacks a column.
func OpenTexts(src TextSource) (*Texts, error) {
	lay := layout{format: src.format(), comma: src.Delimiter, text: src.Text, keep: src.Keep, known: src.Columns}
	if err := src.Check(); err != nil {
		return nil, err
	}
	if lay.format == RACE {
		rows := src.questions()
		return &Texts{skip: src.SkipMalformed, rows: rows, close: rows.shut}, nil
	}
	t := &Texts{Paired: len(src.Text) == 2, path: src.name(), texts: max(len(src.Text), 1), skip: src.SkipMalformed}
	if err := t.open(lay, src.open); err != nil {
		return nil, err
	}
	return t, nil
}

// open begins the rows of a layout: those of the Parquet file, or of the text that open opens.
func (t *Texts) open(lay layout, open func() (text *bufio.Reader, close func() error, err error)) error {
	if lay.format == Parquet {
		rows, err := layoutRows(t.path, lay)
		if err == nil {
			t.rows, t.close = rows, rows.close
		}
		return err
	}
	text, closeFile, err := open()
	if err != nil {
		return err
	}
	rows, line, err := newRowReader(text, lay)
	if err != nil {
		closeFile()
		return readError(t.path, line, err)
	}
	t.rows, t.close = rows, closeFile
	return nil
}

func (src *TextSource) format() string {
	switch suffix := formatBySuffix(src.Path); {
	case src.Format != "":
		return src.Format
	case suffix != "":
		return suffix
	case src.Delimiter != "":
		return CSV
	}
	return Lines
}

// columned are the formats whose texts are columns.
var columned = []string{CSV, TSV, JSONL, JSON, Parquet}

// columnedList lists them for a message.
const columnedList = CSV + ", " + TSV + ", " + JSONL + ", " + JSON + " or " + Parquet

// Columned tells whether the texts are columns, whose names are wanted.
func (src *TextSource) Columned() bool {
	return slices.Contains(columned, src.format())
}

// IsJSON tells whether what is kept of a row is JSON.
func (src *TextSource) IsJSON() bool { return src.format() == JSONL || src.format() == JSON }

// Check reports an error where the source makes no sense in its format.
func (src *TextSource) Check() error {
	format := src.format()
	switch n := len(src.Text); {
	case src.Delimiter != "" && format != CSV && format != TSV:
		return fmt.Errorf("a delimiter is of %s and %s files, but the format is %s", CSV, TSV, format)
	case src.Delimiter != "" && (utf8.RuneCountInString(src.Delimiter) != 1 || strings.ContainsAny(src.Delimiter, "\"\r\n\ufffd")):
		return fmt.Errorf("the delimiter is %q, want one character, as ; or |", src.Delimiter)
	case format == RACE && n > 0:
		return fmt.Errorf("the passages of RACE have no column %q", src.Text[0])
	case format == RACE && len(src.Keep) > 0:
		return fmt.Errorf("the passages of RACE have no column %q to keep", src.Keep[0])
	case format == RACE:
		return nil
	case format == Lines && slices.ContainsFunc(src.Keep, func(name string) bool { return name != LinesColumn }):
		return fmt.Errorf("plain lines have no column to keep but %q, the line; tell the format: %s", LinesColumn, columnedList)
	case format != Lines && !slices.Contains(columned, format):
		return fmt.Errorf("the format is %q, want %s, %s", format, Lines, columnedList)
	case format == Parquet && src.Path == "-":
		return errors.New("a Parquet file is read from its end, which a pipe has not yet; name the file")
	case format == Lines && n > 0:
		return fmt.Errorf("plain lines have no column %q; tell the format: %s", src.Text[0], columnedList)
	case format != Lines && (n < 1 || n > 2):
		return fmt.Errorf("%d text columns are named of a %s file, want one, or two for pairs", n, format)
	}
	return nil
}

// questions are those of RACE's passages.
func (src *TextSource) questions() *raceRows {
	if src.Path == "-" {
		return newRACEReader(src.name(), src.Input, src.Options)
	}
	return newRACERows(src.Path, src.Options, false)
}

// name is what errors call the source.
func (src *TextSource) name() string {
	if src.Path == "-" {
		return "standard input"
	}
	return src.Path
}

func (src *TextSource) open() (text *bufio.Reader, close func() error, err error) {
	if src.Path != "-" {
		return OpenText(src.Path)
	}
	if text, err = plain(src.Input); err != nil {
		return nil, nil, readError(src.name(), 0, err)
	}
	return text, func() error { return nil }, nil
}

// Next is the next text. The error is io.EOF at the end, or an *Error with file
// and line.
func (t *Texts) Next() (Example, error) {
	for {
		e, bad, err := t.row()
		if bad == nil {
			return e, err
		}
		t.note(*bad)
	}
}

// row is the next row: a text, or what is wrong with one that may be left out.
func (t *Texts) row() (Example, *Malformed, error) {
	fields, line, err := t.rows.next()
	if bad, ok := leftOut(line, err); ok && t.skip {
		return Example{}, &bad, nil
	}
	switch {
	case err == io.EOF:
		return Example{}, nil, err
	case err != nil:
		return Example{}, nil, readError(t.path, line, err)
	}
	return t.example(fields, line), nil, nil
}

// header is that of a table, nil of other formats.
func (t *Texts) header() []string {
	if table, ok := t.rows.(*table); ok {
		return table.header
	}
	return nil
}

// example is that of a row, whose last columns are kept; of RACE all are its texts.
func (t *Texts) example(fields []string, line int) Example {
	if t.texts == 0 {
		return exampleOf(fields, line)
	}
	e := exampleOf(fields[:t.texts], line)
	if len(fields) > t.texts {
		e.Kept = fields[t.texts:]
	}
	return e
}

// Close closes the file.
func (t *Texts) Close() error { return t.close() }
