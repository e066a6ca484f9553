package data

import (
	"cmp"
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
	rows    parquet.Rows
	names   []string
	columns []int // of names, among the leaves of the schema
	texts   int   // of names, the first ones
	buffer  [64]parquet.Row
	left    []parquet.Row // of the buffer
	row     int           // that was read last
}

// readParquet reads a Parquet file in a layout. What the library panics at is an error of
// the file.
func readParquet(path string, lay layout, skip bool) (part unlabelled, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = errorf(path, 0, "is no Parquet file that can be read: %v", broken)
		}
	}()
	file, err := os.Open(path)
	if err != nil {
		return part, readError(path, 0, err)
	}
	defer file.Close()
	rows, err := newParquetRows(file, append(slices.Clone(lay.text), lay.label), len(lay.text))
	if err != nil {
		return part, readError(path, 0, err)
	}
	defer rows.rows.Close()
	return readRows(rows, path, lay, skip)
}

func newParquetRows(file *os.File, names []string, texts int) (*parquetRows, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	table, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		return nil, cmp.Or(paths.PointerAt(file.Name()), fmt.Errorf("is no Parquet file that can be read: %w", err))
	}
	r := &parquetRows{rows: parquet.MultiRowGroup(table.RowGroups()...).Rows(), names: names, texts: texts}
	for i, name := range names {
		leaf, err := leafOf(table.Schema(), name)
		if err != nil {
			return nil, err
		}
		if kind := leaf.Node.Type().Kind(); i < texts && kind != parquet.ByteArray {
			return nil, fmt.Errorf("the column %q is %v, want text", name, kind)
		}
		r.columns = append(r.columns, leaf.ColumnIndex)
	}
	return r, nil
}

// leafOf is the column of a name, of which review.body may be body in the group review.
func leafOf(schema *parquet.Schema, name string) (parquet.LeafColumn, error) {
	leaf, found := schema.Lookup(name)
	if !found {
		leaf, found = schema.Lookup(strings.Split(name, ".")...)
	}
	switch {
	case !found:
		var all []string
		for _, path := range schema.Columns() {
			all = append(all, strings.Join(path, "."))
		}
		return leaf, fmt.Errorf("there is no column %q, only %s", name, quoted(all))
	case leaf.MaxRepetitionLevel > 0:
		return leaf, fmt.Errorf("the column %q is a list, want a value in each row", name)
	}
	return leaf, nil
}

func (r *parquetRows) next() ([]string, int, error) {
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
	fields := make([]string, len(r.names))
	for i, column := range r.columns {
		at := slices.IndexFunc(row, func(v parquet.Value) bool { return v.Column() == column })
		if at < 0 || row[at].IsNull() {
			return nil, r.row, malformed(fmt.Sprintf("has no value in column %q", r.names[i]))
		}
		if fields[i] = row[at].String(); !utf8.ValidString(fields[i]) {
			return nil, r.row, notUTF8
		}
	}
	return fields, r.row, nil
}
