package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

// rowsVariable is where the experiments find what prepare writes.
const rowsVariable = "SAVING_ROWS"

// A part is the rows of a file that an experiment reads.
type part struct {
	to, from string
	takes    func(row int) bool // counted from 0, the header left out
}

// parts are small enough for every candidate to be retrained. IMDB's rows are sorted by
// label and by rating.
var parts = []part{
	{"sst2.tsv", "data/glue/SST-2/train.tsv", func(row int) bool { return row < 10_000 }},
	{"sst2-rest.tsv", "data/glue/SST-2/train.tsv", func(row int) bool { return row >= 10_000 }},
	{"imdb.tsv", "data/imdb/train.tsv.gz", func(row int) bool { return row%5 < 2 }},
	{"imdb-dev.tsv", "data/imdb/train.tsv.gz", func(row int) bool { return row%10 == 4 }},
}

// prepare writes the parts into a folder, and tells the experiments.
func prepare(folder string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for _, p := range parts {
		if _, err := os.Stat(filepath.Join(folder, p.to)); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := p.write(folder); err != nil {
			return err
		}
	}
	return os.Setenv(rowsVariable, folder)
}

// write copies the header and the rows that are taken.
func (p *part) write(folder string) error {
	f, err := os.Open(filepath.Join(os.Getenv("POWERBERT_DATA"), p.from))
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(p.from, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return err
		}
	}
	var out bytes.Buffer
	lines := bufio.NewReader(r)
	for row := -1; ; row++ {
		line, err := lines.ReadBytes('\n')
		if row < 0 || p.takes(row) {
			out.Write(line)
		}
		if errors.Is(err, io.EOF) {
			return atomicfile.Write(filepath.Join(folder, p.to), out.Bytes())
		} else if err != nil {
			return err
		}
	}
}
