package main

import (
	"encoding/json"
	"io"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// A parquetOutput is a Parquet file that takes the place of its name when it is whole. The
// columns have the types of the first row.
type parquetOutput struct {
	pipe *io.PipeWriter
	file chan error // what became of the file
	w    *data.ParquetWriter
}

// openParquet begins the file of --out.
func (f *outputFlags) openParquet(o *output) error {
	if !f.overwrite && atomicfile.Exists(f.path) {
		return usagef("predict", "%s is there; discard it by --overwrite", f.path)
	}
	from, to := io.Pipe()
	o.parquet = &parquetOutput{pipe: to, file: make(chan error, 1)}
	go func() {
		err := atomicfile.WriteWith(f.path, func(w io.Writer) error {
			_, err := io.Copy(w, from)
			return err
		})
		from.CloseWithError(err) // writing what follows reports it
		o.parquet.file <- err
	}()
	return nil
}

// begin writes the columns of a file that no text has come for.
func (p *predicting) begin() error {
	if p.out.parquet == nil || p.out.parquet.w != nil {
		return nil
	}
	var blank data.Example
	if p.model.Chooses() {
		blank.Options = make([]string, max(p.model.Config.Options(), 1))
	}
	said, err := p.model.Predict([]data.Encoded{p.model.Encode(blank, p.texts.Paired)})
	if err != nil {
		return err
	}
	from := origin{kept: make([]string, len(p.shape.keep))}
	return p.out.parquet.begin(p.out.row(&p.shape, from, infer.Trace{Prediction: said[0]}))
}

// begin settles the columns by a row.
func (o *parquetOutput) begin(row fields) (err error) {
	o.w, err = data.NewParquetWriter(o.pipe, row.names(), row.values())
	return err
}

// write writes rows.
func (o *parquetOutput) write(rows []fields) error {
	for _, row := range rows {
		if o.w == nil {
			if err := o.begin(row); err != nil {
				return err
			}
		}
		if err := o.w.Write(row.values()); err != nil {
			return err
		}
	}
	return nil
}

// close puts the file in its place, or with what is not done discards it.
func (o *parquetOutput) close(done bool) error {
	if !done {
		o.pipe.CloseWithError(io.ErrUnexpectedEOF)
		<-o.file
		return nil
	}
	err := o.w.Close()
	o.pipe.CloseWithError(err)
	if failed := <-o.file; failed != nil {
		return failed
	}
	return err
}

// values are those of a row as cells of a table: JSON as in texts, the others as they are.
func (f fields) values() []any {
	values, texts := make([]any, len(f)), f.texts()
	for i, field := range f {
		values[i] = field.value
		if _, ok := field.value.(json.RawMessage); ok {
			values[i] = texts[i]
		}
	}
	return values
}
