package data

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// A file has its columns in their order, with their types, in groups, and reads as it was
// written.
func TestParquetWriter(t *testing.T) {
	var file bytes.Buffer
	row := func(i int) []any { return []any{fmt.Sprint("text ", i), i, i%2 == 0, float64(i) / 4} }
	p, err := NewParquetWriter(&file, []string{"z", "b", "y", "a"}, row(0))
	if err != nil {
		t.Fatal(err)
	}
	const n = rowsInGroup + 3
	for i := range n {
		if err := p.Write(row(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	table, err := parquet.OpenFile(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(table.Schema().Columns(), len(table.RowGroups()), table.NumRows()); got != fmt.Sprint("[[z] [b] [y] [a]] 2 ", n) {
		t.Errorf("columns, groups and rows %s", got)
	}
	rows := parquet.MultiRowGroup(table.RowGroups()...).Rows()
	defer rows.Close()
	if err := rows.SeekToRow(n - 1); err != nil {
		t.Fatal(err)
	}
	read := make([]parquet.Row, 1)
	if k, _ := rows.ReadRows(read); k != 1 || fmt.Sprint(read[0]) != fmt.Sprintf("[text %d %d %v %v]", n-1, n-1, (n-1)%2 == 0, float64(n-1)/4) {
		t.Errorf("the last row is %v", read)
	}
}

func TestParquetWriterRefuses(t *testing.T) {
	if _, err := NewParquetWriter(nil, []string{"a", "b"}, []any{"x", []int{1}}); err == nil {
		t.Error("a column of lists is taken")
	}
	if _, err := NewParquetWriter(nil, []string{"a", "a"}, []any{"x", "y"}); err == nil {
		t.Error("two columns of one name are taken")
	}
}
