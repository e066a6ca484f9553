package shares

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/data"
)

// A row is what is counted of a row of a part.
type row struct {
	id     string
	labels []string // nil of scores
}

// The columns, or keys, that a prediction's labels are in.
const (
	labelColumn  = "label"
	labelsColumn = "labels" // where a text may have several, joined by | in a table
)

// A join writes parts one behind another.
type join struct {
	format  string
	w       io.Writer
	header  []string          // of a CSV
	parquet *data.ParquetJoin // nil before the first part of that format
}

func newJoin(format string, w io.Writer) *join {
	if w == nil {
		w = io.Discard
	}
	return &join{format: format, w: w}
}

// add adds a part, and calls do for each of its rows, whose id is in a column; "": none.
func (j *join) add(path, id string, do func(row)) error {
	if j.format == data.Parquet {
		return j.addParquet(path, id, do)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if j.format == data.CSV {
		err = j.addCSV(file, id, do)
	} else {
		err = addLines(io.TeeReader(file, j.w), id, do)
	}
	if err != nil {
		return &data.Error{File: path, Err: err}
	}
	return nil
}

// addLines reads JSON lines.
func addLines(r io.Reader, id string, do func(row)) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		if err != nil && err != io.EOF {
			return err
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(line, &object); err != nil {
			return fmt.Errorf("has a line that is no JSON object: %w", err)
		}
		row := row{id: data.JSONText(object[id])}
		if raw, several := object[labelsColumn]; several {
			if err := json.Unmarshal(raw, &row.labels); err != nil {
				return err
			}
		} else if raw, labelled := object[labelColumn]; labelled {
			row.labels = []string{data.JSONText(raw)}
		}
		do(row)
	}
}

// addCSV writes the header of the first part that has one, and holds others against it.
func (j *join) addCSV(file *os.File, id string, do func(row)) error {
	head := csv.NewReader(file)
	header, err := head.Read()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return err
	}
	skip := head.InputOffset()
	if j.header == nil {
		j.header, skip = header, 0
	}
	if !slices.Equal(header, j.header) {
		return fmt.Errorf("has the columns %s, want %s as the parts before it", strings.Join(header, ","), strings.Join(j.header, ","))
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	rows := csv.NewReader(io.TeeReader(file, &behind{j.w, skip}))
	rows.ReuseRecord = true
	of := columnsOf(header, id)
	for first := true; ; first = false {
		fields, err := rows.Read()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case !first:
			do(of.row(fields))
		}
	}
}

// behind writes what comes behind the first bytes.
type behind struct {
	w    io.Writer
	skip int64
}

// Write writes.
func (b *behind) Write(p []byte) (int, error) {
	n := min(b.skip, int64(len(p)))
	b.skip -= n
	_, err := b.w.Write(p[n:])
	return len(p), err
}

// columns are the places of an id and of labels in a table; -1: none.
type columns struct{ id, label, labels int }

func columnsOf(header []string, id string) columns {
	return columns{slices.Index(header, id), slices.Index(header, labelColumn), slices.Index(header, labelsColumn)}
}

// row is what is counted of fields.
func (c columns) row(fields []string) (r row) {
	if c.id >= 0 {
		r.id = strings.Clone(fields[c.id])
	}
	switch {
	case c.labels >= 0 && fields[c.labels] == "":
		r.labels = []string{}
	case c.labels >= 0:
		r.labels = strings.Split(fields[c.labels], "|")
	case c.label >= 0:
		r.labels = []string{fields[c.label]}
	}
	return r
}

// addParquet adds a part that is a Parquet file.
func (j *join) addParquet(path, id string, do func(row)) error {
	if j.parquet == nil {
		j.parquet = data.NewParquetJoin(j.w)
	}
	return j.parquet.Add(path, func(header []string) func([]string) {
		of := columnsOf(header, id)
		return func(fields []string) { do(of.row(fields)) }
	})
}

// close writes the end of a Parquet file.
func (j *join) close() error {
	if j.parquet == nil {
		return nil
	}
	return j.parquet.Close()
}
