package data

import (
	"strings"

	"github.com/parquet-go/parquet-go"
)

// parquetMagic is what a Parquet file begins with.
var parquetMagic = []byte("PAR1")

// readParquet takes every row of a Parquet file in, columns of lists first.
func (l *Look) readParquet() error {
	var inLists int
	rows, err := openParquet(l.Path, func(schema *parquet.Schema) *parquetRows {
		lists, others := columnsOf(schema)
		inLists = len(lists)
		return &parquetRows{names: append(lists, others...), kept: len(others), lists: true}
	})
	if err != nil {
		return err
	}
	defer rows.close()
	l.columns(rows.names)
	return l.read(rows, inLists)
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
