package data

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// rowsInGroup is how many rows a group of a Parquet file has, which is what a writer holds.
const rowsInGroup = 1 << 16

// A groupWriter writes rows in groups, packed by zstd.
type groupWriter struct {
	*parquet.GenericWriter[any]
	rows int // in the group that is being written
}

func newGroupWriter(w io.Writer, schema *parquet.Schema) *groupWriter {
	return &groupWriter{GenericWriter: parquet.NewGenericWriter[any](w, schema, parquet.Compression(&parquet.Zstd))}
}

// write writes rows and ends the group where it is full.
func (g *groupWriter) write(rows []parquet.Row) error {
	if _, err := g.WriteRows(rows); err != nil {
		return err
	}
	if g.rows += len(rows); g.rows < rowsInGroup {
		return nil
	}
	g.rows = 0
	return g.Flush()
}

// A ParquetWriter writes rows of strings, float64s, ints and bools.
type ParquetWriter struct {
	w       *groupWriter
	columns []int // of the file's leaves, by the row's column
}

// NewParquetWriter begins a Parquet file, packed by zstd, whose columns have these names and
// the types of a row's values; no column is optional.
func NewParquetWriter(w io.Writer, names []string, row []any) (*ParquetWriter, error) {
	columns := inOrder{parquet.Group{}, names}
	for i, value := range row {
		node, ok := parquetType(value)
		if _, twice := columns.Group[names[i]]; twice || !ok {
			return nil, fmt.Errorf("a Parquet file has no place for a column %q of %T; want columns of different names", names[i], value)
		}
		columns.Group[names[i]] = node
	}
	schema := parquet.NewSchema("predictions", columns)
	p := &ParquetWriter{w: newGroupWriter(w, schema)}
	for _, name := range names {
		leaf, _ := schema.Lookup(name)
		p.columns = append(p.columns, leaf.ColumnIndex)
	}
	return p, nil
}

func parquetType(value any) (parquet.Node, bool) {
	switch value.(type) {
	case string:
		return parquet.String(), true
	case float64:
		return parquet.Leaf(parquet.DoubleType), true
	case int:
		return parquet.Leaf(parquet.Int64Type), true
	case bool:
		return parquet.Leaf(parquet.BooleanType), true
	}
	return nil, false
}

// Write writes a row, whose values have the types of the first one's.
func (p *ParquetWriter) Write(values []any) error {
	row := make(parquet.Row, len(values))
	for i, v := range values {
		column := p.columns[i]
		row[column] = parquet.ValueOf(v).Level(0, 0, column)
	}
	return p.w.write([]parquet.Row{row})
}

// Close writes the end, without which the file cannot be read.
func (p *ParquetWriter) Close() error { return p.w.Close() }

// inOrder is a group whose fields come in the order of their names here; parquet.Group sorts
// them.
type inOrder struct {
	parquet.Group
	names []string
}

// Fields are the group's, in order.
func (g inOrder) Fields() []parquet.Field {
	return slices.SortedFunc(slices.Values(g.Group.Fields()), func(a, b parquet.Field) int {
		return cmp.Compare(slices.Index(g.names, a.Name()), slices.Index(g.names, b.Name()))
	})
}
