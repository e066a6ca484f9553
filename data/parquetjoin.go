package data

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
)

// A ParquetJoin writes the rows of Parquet files of one schema, without lists, into one.
type ParquetJoin struct {
	to     io.Writer
	w      *groupWriter // nil before the first file
	schema string
}

// NewParquetJoin begins a file, whose schema is that of the first one added.
func NewParquetJoin(w io.Writer) *ParquetJoin { return &ParquetJoin{to: w} }

// Add adds the rows of a file. It calls header with the names of the columns, and what that
// returns with the values of each row, as texts.
func (p *ParquetJoin) Add(path string, header func(names []string) func(values []string)) error {
	file, err := os.Open(path)
	if err == nil {
		defer file.Close()
		err = p.add(file, header)
	}
	if err != nil {
		return readError(path, 0, err)
	}
	return nil
}

func (p *ParquetJoin) add(file *os.File, header func([]string) func([]string)) (err error) {
	defer recovered(&err)
	table, err := readFooter(file)
	if err != nil {
		return err
	}
	if err := p.begin(table.Schema()); err != nil {
		return err
	}
	names := columnNames(table.Schema())
	rows := parquet.MultiRowGroup(table.RowGroups()...).Rows()
	defer rows.Close()
	return p.copy(rows, len(names), header(names))
}

// begin begins the file with a schema, or holds it against that of the first file.
func (p *ParquetJoin) begin(schema *parquet.Schema) error {
	if p.w == nil {
		p.schema, p.w = schema.String(), newGroupWriter(p.to, schema)
	}
	if s := schema.String(); s != p.schema {
		return fmt.Errorf("has the schema %s, want %s as the files before it", s, p.schema)
	}
	return nil
}

// copy copies rows, and says the values of each.
func (p *ParquetJoin) copy(from parquet.Rows, columns int, say func([]string)) error {
	var buffer [64]parquet.Row
	for {
		n, err := from.ReadRows(buffer[:])
		for _, row := range buffer[:n] {
			values := make([]string, columns)
			for _, v := range row {
				values[v.Column()] = v.String()
			}
			say(values)
		}
		if err := p.w.write(buffer[:n]); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Close writes the end, without which the file cannot be read.
func (p *ParquetJoin) Close() error {
	if p.w == nil {
		return nil
	}
	return p.w.Close()
}
