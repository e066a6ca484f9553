package data

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"github.com/powerbert/powerbert/internal/paths"
)

// parquetRows reads the wanted columns of a Parquet file. The line of a row is its number
// from 1.
type parquetRows struct {
	file    *os.File
	rows    parquet.Rows
	names   []string
	columns []int // of names, among the leaves of the schema
	texts   int   // of names, the first ones
	kept    int   // of names, the last ones, which may have no value
	lists   bool  // the others may hold several values, which become a JSON array
	buffer  [64]parquet.Row
	left    []parquet.Row // of the buffer
	row     int           // that was read last
}

// readParquet reads a Parquet file in a layout.
func readParquet(path string, lay layout, skip bool) (named, error) {
	rows, err := layoutRows(path, lay)
	if err != nil {
		return named{}, err
	}
	defer rows.close()
	return readRows(rows, path, lay, skip)
}

// layoutRows opens a Parquet file in a layout.
func layoutRows(path string, lay layout) (*parquetRows, error) {
	return openParquet(path, func(*parquet.Schema) *parquetRows {
		return &parquetRows{names: slices.Concat(lay.text, lay.answers(), lay.keep), texts: len(lay.text), kept: len(lay.keep), lists: lay.listed()}
	})
}

// openParquet opens a Parquet file and begins the rows whose names are given by its schema. It
// reports an *Error, also for what the library panics at.
func openParquet(path string, of func(schema *parquet.Schema) *parquetRows) (r *parquetRows, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, readError(path, 0, err)
	}
	defer func() {
		if err != nil {
			file.Close()
			r, err = nil, readError(path, 0, err)
		}
	}()
	defer recovered(&err)
	table, err := readFooter(file)
	if err != nil {
		return nil, err
	}
	r = of(table.Schema())
	r.file = file
	return r, r.begin(table)
}

// close closes the file.
func (r *parquetRows) close() error { return errors.Join(r.rows.Close(), r.file.Close()) }

// unreadable is the error of a file that the library panics at.
func unreadable(broken any) error {
	return fmt.Errorf("is no Parquet file that can be read: %v", broken)
}

// recovered, deferred, makes the error of what the library panics at.
func recovered(err *error) {
	if broken := recover(); broken != nil {
		*err = unreadable(broken)
	}
}

// readFooter reads the end of a Parquet file, which says what is in it.
func readFooter(file *os.File) (*parquet.File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if err := checkFooter(file, info.Size()); err != nil {
		return nil, cmp.Or(paths.PointerAt(file.Name()), unreadable(err))
	}
	table, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		return nil, unreadable(err)
	}
	return table, nil
}

// checkFooter reports a footer that is longer than its file, for which the library would take
// up to 4 GiB of memory. The length stands before the four bytes of the end.
func checkFooter(file io.ReaderAt, size int64) error {
	const ends = 8
	var end [ends]byte
	if _, err := file.ReadAt(end[:], max(size-ends, 0)); err != nil {
		return fmt.Errorf("it has %d bytes", size)
	}
	if length := int64(binary.LittleEndian.Uint32(end[:])); length > size-ends {
		return fmt.Errorf("its footer would have %d bytes of %d", length, size)
	}
	return nil
}

// begin begins the rows of a table.
func (r *parquetRows) begin(table *parquet.File) error {
	r.rows = parquet.MultiRowGroup(table.RowGroups()...).Rows()
	for i, name := range r.names {
		leaf, err := leafOf(table.Schema(), name, r.listed(i))
		if err != nil {
			return err
		}
		if kind := leaf.Node.Type().Kind(); i < r.texts && kind != parquet.ByteArray {
			return fmt.Errorf("the column %q is %v, want text", name, kind)
		}
		r.columns = append(r.columns, leaf.ColumnIndex)
	}
	return nil
}

// leafOf is the column of a name, of which review.body may be body in the group review, and
// one that may be a list its elements.
func leafOf(schema *parquet.Schema, name string, list bool) (parquet.LeafColumn, error) {
	leaf, found := schema.Lookup(name)
	if !found {
		leaf, found = schema.Lookup(strings.Split(name, ".")...)
	}
	for _, path := range schema.Columns() {
		if list && !found && strings.HasPrefix(strings.Join(path, "."), name+".") {
			leaf, found = schema.Lookup(path...)
		}
	}
	switch {
	case !found:
		return leaf, fmt.Errorf("there is no column %q, only %s", name, quoted(columnNames(schema)))
	case leaf.MaxRepetitionLevel > 0 && !list:
		return leaf, fmt.Errorf("the column %q is a list, want a value in each row; where it holds labels set data.multi_label: true", name)
	}
	return leaf, nil
}

// columnNames are the names of the leaves of a schema: body in the group review is review.body.
func columnNames(schema *parquet.Schema) (names []string) {
	for _, path := range schema.Columns() {
		names = append(names, strings.Join(path, "."))
	}
	return names
}

func (r *parquetRows) next() (fields []string, line int, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			fields, line, err = nil, r.row+1, unreadable(broken)
		}
	}()
	if len(r.left) == 0 {
		n, err := r.rows.ReadRows(r.buffer[:])
		switch {
		case n > 0: // an error comes back with the next
		case err == nil:
			return nil, r.row + 1, io.ErrNoProgress
		case errors.Is(err, io.EOF):
			return nil, r.row + 1, io.EOF
		default:
			return nil, r.row + 1, fmt.Errorf("the rows cannot be read on: %w", err)
		}
		r.left = r.buffer[:n]
	}
	row := r.left[0]
	r.left, r.row = r.left[1:], r.row+1
	fields = make([]string, len(r.names))
	for i, column := range r.columns {
		if r.listed(i) {
			fields[i] = listed(row, column)
			continue
		}
		at := slices.IndexFunc(row, func(v parquet.Value) bool { return v.Column() == column })
		if at < 0 || row[at].IsNull() {
			if i >= len(r.names)-r.kept {
				continue
			}
			return nil, r.row, malformed(fmt.Sprintf("has no value in column %q", r.names[i]))
		}
		if fields[i] = row[at].String(); !utf8.ValidString(fields[i]) {
			return nil, r.row, notUTF8
		}
	}
	return fields, r.row, nil
}

// listed tells whether the i-th column may be a list.
func (r *parquetRows) listed(i int) bool {
	return r.lists && i >= r.texts && i < len(r.names)-r.kept
}

// listed is the values of a column in a row as a JSON array of texts.
func listed(row parquet.Row, column int) string {
	values := []string{}
	for _, v := range row {
		if v.Column() == column && !v.IsNull() {
			values = append(values, v.String())
		}
	}
	text, _ := json.Marshal(values) // texts
	return string(text)
}
