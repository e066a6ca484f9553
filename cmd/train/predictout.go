package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
)

// outputFlags say where predictions go, and how.
type outputFlags struct {
	path, format      string
	resume, overwrite bool
	folder            bool // path is a folder of parts
}

// settle finds the format, and refuses flags that make no sense together.
func (f *outputFlags) settle() error {
	suffix := strings.ToLower(filepath.Ext(f.path))
	f.folder = strings.HasSuffix(f.path, "/") || isFolder(f.path)
	switch {
	case f.format != "" && f.format != data.JSONL && f.format != data.CSV && f.format != data.Parquet:
		return usagef("predict", "--out-format is %q, want jsonl, csv or parquet", f.format)
	case f.path == "-" && (f.resume || f.overwrite):
		return usagef("predict", "--resume and --overwrite are about the file of --out, which is missing")
	case f.format == "" && suffix == ".parquet":
		f.format = data.Parquet
	case f.format != "":
	case f.folder || f.path == "-" || suffix == ".jsonl" || suffix == ".ndjson":
		f.format = data.JSONL
	case suffix == ".csv":
		f.format = data.CSV
	default:
		return usagef("predict", "--out %s tells no format by its suffix; want .jsonl, .csv, .parquet or --out-format", f.path)
	}
	if f.format == data.Parquet && !f.folder && (f.resume || f.path == "-") {
		return usagef("predict", "a Parquet file is read from its end, so it is written as a whole: it needs --out and cannot be resumed; want .jsonl or .csv for --resume or a pipe")
	}
	return nil
}

// An output takes rows of predictions. It holds whole rows alone at any time, unless the
// machine goes down.
type output struct {
	path    string
	csv     bool
	w       io.Writer
	file    *os.File // nil: standard output
	size    int64    // of the whole rows in the file
	header  []byte   // of the CSV, nil before it is written; the first row of JSON lines that were there
	resumed int      // rows that were there

	parquet *parquetOutput // in place of w and file, or nil
}

// open opens the output, with --resume behind the last whole row that is there.
func (f *outputFlags) open(stdout io.Writer) (*output, error) {
	o := &output{path: f.path, csv: f.format == data.CSV, w: stdout}
	if f.path == "-" {
		return o, nil
	}
	if f.format == data.Parquet {
		return o, f.openParquet(o)
	}
	flags := os.O_RDWR | os.O_CREATE
	switch {
	case f.overwrite:
		flags |= os.O_TRUNC
	case !f.resume:
		flags |= os.O_EXCL
	}
	file, err := os.OpenFile(f.path, flags, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, usagef("predict", "%s is there; go on with it by --resume, or discard it by --overwrite", f.path)
	}
	if err != nil {
		return nil, err
	}
	o.w, o.file = file, file
	if err := o.goBehindRows(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return o, nil
}

// goBehindRows counts the whole rows of the file, and cuts off what comes after them.
func (o *output) goBehindRows() error {
	rows, first, size, err := wholeRows(o.file, o.csv)
	if err != nil {
		return err
	}
	o.size, o.resumed = size, rows
	if rows > 0 {
		o.header = first
	}
	if o.csv && rows > 0 {
		o.resumed--
	}
	return o.cut()
}

// wholeRows counts the rows that end, with the first of them and the bytes that they
// take. A quoted row goes on over line breaks between quotes.
func wholeRows(r io.Reader, quoted bool) (rows int, first []byte, size int64, err error) {
	text, inside := bufio.NewReader(r), false
	for at := int64(1); ; at++ {
		c, err := text.ReadByte()
		if err == io.EOF {
			return rows, first, size, nil
		}
		if err != nil {
			return 0, nil, 0, err
		}
		if rows == 0 {
			first = append(first, c)
		}
		switch {
		case quoted && c == '"':
			inside = !inside
		case c == '\n' && !inside:
			rows, size = rows+1, at
		}
	}
}

// cut leaves the file with its whole rows, and goes to their end.
func (o *output) cut() error {
	if err := o.file.Truncate(o.size); err != nil {
		return err
	}
	_, err := o.file.Seek(o.size, io.SeekStart)
	return err
}

// row is a prediction as the output has it.
func (o *output) row(s *rowShape, from origin, t infer.Trace) fields {
	if o.csv || o.parquet != nil {
		return s.csv(from, t)
	}
	return s.json(from, t)
}

// write writes rows at once; if that fails, none of them stays in the file.
func (o *output) write(rows []fields) error {
	if o.parquet != nil {
		return o.parquet.write(rows)
	}
	var text bytes.Buffer
	encode := o.encodeJSON
	if o.csv {
		encode = o.encodeCSV
	}
	if err := encode(&text, rows); err != nil {
		return err
	}
	n, err := o.w.Write(text.Bytes())
	if err != nil && o.file != nil {
		return errors.Join(err, o.cut())
	}
	o.size += int64(n)
	return err
}

// encodeJSON writes rows, whose keys must be those of the first row that is there.
func (o *output) encodeJSON(text *bytes.Buffer, rows []fields) error {
	if err := o.sameKeys(rows[0]); err != nil {
		return err
	}
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false)
	for _, row := range rows {
		if err := encoder.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// encodeCSV writes rows below a header, which must be the one that is there, if one is.
func (o *output) encodeCSV(text *bytes.Buffer, rows []fields) error {
	var line bytes.Buffer
	head := csv.NewWriter(&line)
	err := head.Write(rows[0].names())
	head.Flush()
	switch {
	case err != nil:
		return err
	case o.header == nil:
		text.Write(line.Bytes())
	case !bytes.Equal(line.Bytes(), o.header):
		return o.differs("columns", string(bytes.TrimSpace(o.header)), string(bytes.TrimSpace(line.Bytes())))
	}
	o.header = line.Bytes()
	w := csv.NewWriter(text)
	for _, row := range rows {
		if err := w.Write(row.texts()); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// goOn says how to go on after an interruption; "" for standard output.
func (o *output) goOn() string {
	switch {
	case o.parquet != nil:
		return "; " + o.path + " is written as a whole, so none of them are in it"
	case o.file == nil:
		return ""
	}
	return fmt.Sprintf("; the same command with --resume goes on with %s", o.path)
}

// close closes a file; one of Parquet is there only now, and only if all is done.
func (o *output) close(done bool) error {
	if o.parquet != nil {
		return o.parquet.close(done)
	}
	if o.file == nil {
		return nil
	}
	return o.file.Close()
}
