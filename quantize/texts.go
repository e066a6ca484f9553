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
	Labelled string   // file in the layout of the experiment's task, or a table; "": its dev set
	Bare     string   // file of texts without labels, in place of Labelled
	Columns  []string // of texts in a table (default: as the experiment has it)
	Label    string   // column of labels, for Labelled without an experiment
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
	switch {
	case t.Bare != "":
		return t.bare(e, c)
	case e != nil && len(t.Columns) == 0 && t.Label == "":
		return ofExperiment(e, t.Labelled, c.Labels())
	case t.Labelled == "":
		return nil, ErrTexts{fmt.Errorf("%s: nothing says which texts to compare on, for there is no %s; name a file with --data or --texts", dir, path)}
	case len(t.Columns) == 0 || t.Label == "":
		if !c.Problem().Chosen() {
			return nil, ErrTexts{fmt.Errorf("no %s tells how to read %s; name its columns with --text and --label, or give it to --texts", path, t.Labelled)}
		}
	}
	return t.table(c)
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

// table reads a labelled table, or passages in RACE's form for a model that chooses.
func (t Texts) table(c *arch.Config) (*texts, error) {
	kind := c.Problem()
	src := data.Source{Task: data.TaskTable, Text: t.Columns, Label: t.Label, Scores: !kind.Labelled(), Several: kind.Several()}
	if kind.Chosen() {
		src = data.Source{Task: data.TaskRACE}
	}
	set, err := data.LoadFile(src, t.Labelled, c.Labels())
	return &texts{set, kind.Metrics()[0]}, err
}

// bare reads texts without labels.
func (t Texts) bare(e *configs.Experiment, c *arch.Config) (*texts, error) {
	src := data.TextSource{Path: t.Bare, Text: t.Columns, Options: c.Options()}
	if c.Problem().Chosen() {
		src.Format = data.RACE
	} else if e != nil && len(t.Columns) == 0 && src.Columned() {
		src.Text = e.Data.Text
	}
	in, err := data.OpenTexts(src)
	if file := new(data.Error); err != nil && !errors.As(err, &file) {
		return nil, ErrTexts{fmt.Errorf("--texts %s: %w", t.Bare, err)}
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if c.Pairs && !in.Paired {
		return nil, ErrTexts{fmt.Errorf("--texts %s has one text a row, but the model was trained on pairs; name two columns with --text", t.Bare)}
	}
	set := &data.Set{Path: t.Bare, Problem: c.Problem(), Paired: in.Paired, Labels: c.Labels()}
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
		return nil, &data.Error{File: t.Bare, Err: errors.New("holds no texts")}
	}
	return &texts{set, ""}, nil
}
