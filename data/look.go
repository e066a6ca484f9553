package data

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// mostValues is how many different values of a column are counted.
const mostValues = 1000

// longest is the length, in words, above which lengths are not told apart.
const longest = 1024

// A Look is what is seen of a table of which nothing is said.
type Look struct {
	Path    string
	Format  string // CSV, TSV, JSONL, JSON or Parquet
	Told    bool   // the suffix says it
	Comma   string // what separates columns, where it is not what the format has
	Rows    int    // that could be read
	Skipped []Malformed
	Columns []Column
}

// A Column is what is seen of a column.
type Column struct {
	Name    string
	Filled  int            // rows with something in it
	Values  map[string]int // rows by value; of more than 1000 values those that came first
	Many    bool           // there are more
	Numbers bool           // every value is a number
	Nested  bool           // a value is an object, or a list that is not of labels

	words   int
	lengths [longest + 1]int // rows by length, in words
}

// LookAt reads a table through, whatever its columns are. Its error is an *Error.
func LookAt(path string) (*Look, error) {
	text, closeFile, err := OpenText(path)
	if err != nil {
		return nil, err
	}
	defer closeFile()
	start, _ := text.Peek(1 << 16)
	suffix := formatBySuffix(path)
	if suffix == Parquet || bytes.HasPrefix(start, parquetMagic) {
		l := &Look{Path: path, Format: Parquet, Told: suffix == Parquet}
		return l, l.readParquet()
	}
	found, comma := formatOf(start)
	switch {
	case found == "":
		return nil, errorf(path, 1, "has no columns, want commas, tabs, semicolons or bars between them, or JSON objects")
	case found == JSONL && suffix == JSON:
		found = JSON
	}
	l := &Look{Path: path, Format: found, Told: found == suffix, Comma: comma}
	names, err := namesIn(start, layout{format: found, comma: comma})
	if err != nil {
		return nil, readError(path, 1, err)
	}
	l.columns(names)
	return l, l.readText(text, names)
}

// columns begins columns of these names.
func (l *Look) columns(names []string) {
	for _, name := range names {
		l.Columns = append(l.Columns, Column{Name: name, Values: map[string]int{}, Numbers: true})
	}
}

// formatOf is the format of a file that begins so, "" for none that is read, and what
// separates its columns where that is not what the format has: the most frequent in the
// first line.
func formatOf(start []byte) (format, comma string) {
	line, _, _ := bytes.Cut(start, []byte{'\n'})
	switch trimmed := bytes.TrimSpace(start); {
	case bytes.HasPrefix(trimmed, []byte{'['}), bytes.HasPrefix(trimmed, []byte{'{'}) && overLines(line):
		return JSON, ""
	case bytes.HasPrefix(trimmed, []byte{'{'}):
		return JSONL, ""
	case bytes.Count(line, []byte{'\t'}) > 0:
		return TSV, ""
	}
	most := 0
	for _, sign := range []string{",", ";", "|"} {
		if n := bytes.Count(line, []byte(sign)); n > most {
			most, format, comma = n, CSV, sign
		}
	}
	if comma == "," {
		comma = ""
	}
	return format, comma
}

// overLines tells whether an object goes on after its first line.
func overLines(line []byte) bool {
	var whole map[string]json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(line)).Decode(&whole), io.ErrUnexpectedEOF)
}

// keysIn are the keys of the first object of JSON, or of an array of objects, sorted.
func keysIn(start []byte) ([]string, error) {
	var object map[string]json.RawMessage
	start = bytes.TrimPrefix(bytes.TrimSpace(start), []byte{'['})
	if err := json.NewDecoder(bytes.NewReader(start)).Decode(&object); err != nil {
		return nil, fmt.Errorf("is not a JSON object: %v", err)
	}
	return slices.Sorted(maps.Keys(object)), nil
}

// namesIn are the columns of a file that begins so, of JSON sorted.
func namesIn(start []byte, lay layout) ([]string, error) {
	switch lay.format {
	case JSON:
		return keysIn(start)
	case JSONL:
		line, _, _ := bytes.Cut(start, []byte{'\n'})
		return keysIn(line)
	}
	var rows records = newCSVRecords(bufio.NewReader(bytes.NewReader(start)), lay.separator())
	if lay.format == TSV {
		rows = &tsvRecords{lines{text: bufio.NewReader(bytes.NewReader(start))}, "\t"}
	}
	names, _, err := rows.read()
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
	}
	return names, err
}

// readText takes every row of a text in.
func (l *Look) readText(text *bufio.Reader, names []string) error {
	rows, line, err := newRowReader(text, layout{format: l.Format, comma: l.Comma, keep: names})
	if err != nil {
		return readError(l.Path, line, err)
	}
	inJSON := 0
	if l.Format == JSONL || l.Format == JSON {
		inJSON = len(names)
	}
	return l.read(rows, inJSON)
}

// read takes every row in, of which so many columns, the first ones, are JSON.
func (l *Look) read(rows rowReader, inJSON int) error {
	for {
		fields, line, err := rows.next()
		if bad, ok := leftOut(line, err); ok {
			l.Skipped = append(l.Skipped, bad)
			continue
		}
		switch {
		case err == io.EOF && l.Rows == 0:
			return &Error{File: l.Path, Err: errors.New("has no row that can be read")}
		case err == io.EOF:
			return nil
		case err != nil:
			return readError(l.Path, line, err)
		}
		l.Rows++
		for i, field := range fields {
			l.Columns[i].take(field, i < inJSON)
		}
	}
}

// take counts a value in.
func (c *Column) take(value string, isJSON bool) {
	if isJSON {
		raw := json.RawMessage(value)
		text, ok := scalar(raw, true)
		if !ok {
			text, ok = arrayOf(raw)
		}
		c.Nested = c.Nested || !ok && raw[0] != 'n'
		value = text
		if !ok {
			value = ""
		}
	}
	if value != "" {
		c.Filled++
		_, err := strconv.ParseFloat(value, 64)
		c.Numbers = c.Numbers && err == nil
	}
	if _, known := c.Values[value]; known || len(c.Values) < mostValues {
		c.Values[value]++
	} else {
		c.Many = true
	}
	n := words(value)
	c.words += n
	c.lengths[min(n, longest)]++
}

// words counts what a tokenizer takes at least a piece for: runs of letters, signs, and
// characters of scripts without spaces.
func words(text string) (n int) {
	inside := false
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			n, inside = n+1, false
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if !inside {
				n++
			}
			inside = true
		default:
			if !unicode.IsSpace(r) {
				n++
			}
			inside = false
		}
	}
	return n
}

// Words is the mean length of a value.
func (c *Column) Words() float64 {
	rows := 0
	for _, n := range c.lengths {
		rows += n
	}
	return float64(c.words) / float64(max(rows, 1))
}

// WordsOf is the length that so many percent of the values do not exceed, 1024 at most.
func (c *Column) WordsOf(percent int) int {
	rows := 0
	for _, n := range c.lengths {
		rows += n
	}
	below := 0
	for length, n := range c.lengths {
		if below += n; below*100 >= rows*percent {
			return length
		}
	}
	return longest
}
