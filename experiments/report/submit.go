package report

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// submitTokens is how many tokens pass together on a core, about.
const submitTokens = 2048

// A Submission is a file of predictions for the server of GLUE.
type Submission struct {
	Test     string `json:"test"` // file of texts
	File     string `json:"file"` // that was written
	Examples int    `json:"examples"`
}

// Submit predicts the hidden test sets of GLUE with the model of a stage's
// directory and writes them in the benchmark's form, index<TAB>prediction, as
// out/NAME.tsv: of MNLI both. The test files are in folder; "" is where the
// experiment's data are. Scores are cut to the range of the task's.
func Submit(ctx context.Context, dir, folder, out string) ([]Submission, error) {
	e, err := rundir.ExperimentOf(dir)
	if err != nil {
		return nil, err
	}
	tests := data.Tests(e.Data.Task)
	if len(tests) == 0 {
		return nil, rundir.Errorf(dir, "is of the task %s, which has no hidden test set; want a task of GLUE", e.Data.Task)
	}
	m, err := infer.Open(dir, e.Data.MaxLength)
	if err != nil {
		return nil, err
	}
	if folder == "" {
		folder = e.Data.Dir
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return nil, err
	}
	var list []Submission
	for _, test := range tests {
		s := Submission{Test: filepath.Join(folder, test.File), File: filepath.Join(out, test.Name+".tsv")}
		if err := s.write(ctx, m, test); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// write predicts the texts of a test and writes the file whole.
func (s *Submission) write(ctx context.Context, m *infer.Model, test data.Test) error {
	texts, err := data.OpenTexts(data.TextSource{Path: s.Test, Format: data.TSV, Text: test.Text})
	if err != nil {
		return err
	}
	defer texts.Close()
	next := func() (data.Encoded, error) {
		e, err := texts.Next()
		if err != nil {
			return data.Encoded{}, err
		}
		return m.Encode(e, texts.Paired), nil
	}
	return atomicfile.WriteWith(s.File, func(w io.Writer) error {
		buffer := bufio.NewWriter(w)
		fmt.Fprintln(buffer, "index\tprediction")
		err := infer.Stream{Model: m, Tokens: submitTokens}.Run(ctx, next, func(said []infer.Trace) error {
			for _, t := range said {
				fmt.Fprintf(buffer, "%d\t%s\n", s.Examples, submitted(test, t.Prediction))
				s.Examples++
			}
			return nil
		})
		return errors.Join(err, buffer.Flush())
	})
}

// submitted is a prediction as GLUE wants it.
func submitted(test data.Test, p infer.Prediction) string {
	if test.Most > 0 {
		return strconv.FormatFloat(min(max(p.Score, 0), test.Most), 'f', 3, 64)
	}
	return p.Label
}
