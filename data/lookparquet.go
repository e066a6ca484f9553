package data

import (
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// parquetMagic is what a Parquet file begins with.
var parquetMagic = []byte("PAR1")

// readParquet takes every row of a Parquet file in, columns of lists first. What the library
// panics at is an error of the file.
func (l *Look) readParquet() (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = readError(l.Path, 0, unreadable(broken))
		}
	}()
	file, err := os.Open(l.Path)
	if err != nil {
		return readError(l.Path, 0, err)
	}
	defer file.Close()
	table, err := openParquet(file)
	if err != nil {
		return readError(l.Path, 0, err)
	}
	lists, others := columnsOf(table.Schema())
	rows, err := parquetRowsOf(table, &parquetRows{names: append(lists, others...), kept: len(others), lists: true})
	if err != nil {
		return readError(l.Path, 0, err)
	}
	defer rows.rows.Close()
	l.columns(rows.names)
	return l.read(rows, len(lists))
}

// columnsOf are the names of the columns of a schema, apart those that are lists, without
// what Parquet calls their elements.
func columnsOf(schema *parquet.Schema) (lists, others []string) {
	for _, path := range schema.Columns() {
		leaf, _ := schema.Lookup(path...)
		if leaf.MaxRepetitionLevel == 0 {
			others = append(others, strings.Join(path, "."))
			continue
		}
		if n := len(path); n > 2 && path[n-2] == "list" {
			path = path[:n-2]
		}
		lists = append(lists, strings.Join(path, "."))
	}
	return lists, others
}
