package quantize

import (
	"errors"
	"fmt"
	"io"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// Texts says which texts the precisions are compared on: the dev set of the experiment
// beside the model, or a file.
type Texts struct {
	File    string   // in the layout of the experiment's task, or a table; "": its dev set
	Bare    bool     // the file has texts without labels
	Columns []string // of texts in a table (default: as the experiment has it)
	Label   string   // column of labels, likewise
}

// labelled is the file, if it has labels; "": the dev set has.
func (t Texts) labelled() string {
	if t.Bare {
		return ""
	}
	return t.File
}

// texts are those that were read; metric is "" where they have no labels.
type texts struct {
	*data.Set
	metric string
}

// ErrTexts is a lack of texts: nothing says which, or how they are read.
type ErrTexts struct{ error }

// read reads the texts for the model of a directory.
func (t Texts) read(dir string, c *arch.Config) (*texts, error) {
	e, path, err := rundir.ExperimentBeside(dir)
	if err != nil {
		return nil, err
	}
	columns, label := t.Columns, configs.Names(t.Label)
	if e != nil {
		columns, label = e.Data.Columns(t.Columns, t.Label)
	}
	switch {
	case t.Bare:
		return t.bare(e, c)
	case e != nil && len(t.Columns) == 0 && t.Label == "":
		return ofExperiment(e, t.File, c.Labels())
	case t.File == "" && e != nil:
		return nil, ErrTexts{errors.New("--text and --label are the columns of --data, which is missing")}
	case t.File == "":
		return nil, ErrTexts{fmt.Errorf("%s: nothing says which texts to compare on, for there is no %s; name a file with --data", dir, path)}
	case (len(columns) == 0 || label == "") && !c.Problem().Chosen():
		why := "no " + path + " tells how to read " + t.File
		if e != nil {
			why = path + " names no columns of a table as " + t.File
		}
		return nil, ErrTexts{errors.New(why + "; name its columns with --text and --label, or say --unlabelled")}
	}
	table := configs.Table(c.Problem(), columns, string(label))
	if e != nil {
		table.Data.Metric = e.Data.Metric
	}
	return ofExperiment(table, t.File, c.Labels())
}

// ofExperiment reads a file as the experiment does; "": its dev set.
func ofExperiment(e *configs.Experiment, file string, labels []string) (*texts, error) {
	read := data.LoadDev
	if file != "" {
		read = func(src data.Source, labels []string) (*data.Set, error) { return data.LoadFile(src, file, labels) }
	}
	set, err := read(e.Source(), labels)
	return &texts{set, e.Data.Metric}, err
}

// bare reads texts without labels.
func (t Texts) bare(e *configs.Experiment, c *arch.Config) (*texts, error) {
	src := data.TextSource{Path: t.File, Text: t.Columns, Options: c.Options()}
	if c.Problem().Chosen() {
		src.Format = data.RACE
	} else if e != nil && len(t.Columns) == 0 && src.Columned() {
		src.Text = e.Data.Text
	}
	in, err := data.OpenTexts(src)
	if file := new(data.Error); err != nil && !errors.As(err, &file) {
		return nil, ErrTexts{fmt.Errorf("--data %s: %w", t.File, err)}
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if c.Pairs && !in.Paired {
		return nil, ErrTexts{fmt.Errorf("--data %s has one text a row, but the model was trained on pairs; name two columns with --text", t.File)}
	}
	set := &data.Set{Path: t.File, Problem: c.Problem(), Paired: in.Paired, Labels: c.Labels()}
	for {
		example, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		set.Examples = append(set.Examples, example)
	}
	if len(set.Examples) == 0 {
		return nil, &data.Error{File: t.File, Err: errors.New("holds no texts")}
	}
	return &texts{set, ""}, nil
}
