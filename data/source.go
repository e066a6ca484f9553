package data

import (
	"fmt"
	"path/filepath"
	"strings"
)

// The names of the tasks.
const (
	TaskSST2  = "sst2"  // GLUE SST-2: header `sentence	label`, labels 0 and 1
	TaskCoLA  = "cola"  // GLUE CoLA: no header; source, label, author's mark, sentence
	TaskTable = "table" // any CSV, TSV or JSONL file with named columns
	TaskDemo  = "demo"  // DemoTask
)

// The formats of a file. None is read with more leniency than its rules.
const (
	CSV   = "csv"   // RFC 4180: quoted fields may hold commas, quotes and line breaks
	TSV   = "tsv"   // tab-separated; quotes are plain characters, as in GLUE
	JSONL = "jsonl" // one JSON object per line
	Lines = "lines" // a text per line; for an OpenTexts, which wants no labels
)

// A Source says where the examples of a task are and how to read them.
type Source struct {
	Task          string   // TaskSST2, TaskCoLA, TaskTable or TaskDemo
	Dir           string   // folder of train.tsv and dev.tsv (GLUE); of relative Train and Dev (table)
	Train, Dev    string   // files of a table
	Format        string   // CSV, TSV or JSONL; "": by the file's suffix, before .gz
	Text          []string // names of one or two text columns (table)
	Label         string   // name of the label column (table)
	Labels        []string // label names in the order of their ids; none: the task's own, or collected
	SkipMalformed bool     // skip and count malformed rows; otherwise the first one is an error
	Demo          DemoSize // size of the made task
}

// A layout is how the files of a task are read.
type layout struct {
	format string   // "": by suffix
	header []string // column names of a file without a header line
	text   []string
	label  string
	labels []string // nil: collected from the training file
}

// layout is the task's own, with the source's labels if it lists some.
func (src Source) layout() (layout, error) {
	lay, err := src.taskLayout()
	if len(src.Labels) > 0 {
		lay.labels = src.Labels
	}
	return lay, err
}

func (src Source) taskLayout() (layout, error) {
	switch src.Task {
	case TaskSST2:
		return layout{format: TSV, text: []string{"sentence"}, label: "label", labels: []string{"0", "1"}}, nil
	case TaskCoLA:
		return layout{
			format: TSV, header: []string{"source", "label", "mark", "sentence"},
			text: []string{"sentence"}, label: "label", labels: []string{"0", "1"},
		}, nil
	case TaskDemo:
		return layout{text: []string{"text"}, label: "label", labels: DemoLabels()}, nil
	case TaskTable:
		return layout{format: src.Format, text: src.Text, label: src.Label}, src.checkColumns()
	}
	return layout{}, fmt.Errorf("data.task is %q, want %s, %s, %s or %s", src.Task, TaskSST2, TaskCoLA, TaskTable, TaskDemo)
}

func (src Source) checkColumns() error {
	switch {
	case len(src.Text) < 1 || len(src.Text) > 2:
		return fmt.Errorf("data.text names %d columns, want one, or two for pairs", len(src.Text))
	case src.Label == "":
		return fmt.Errorf("data.label is empty, want the name of the label column")
	}
	return nil
}

// paths are the training and dev files.
func (src Source) paths() (train, dev string, err error) {
	if src.Task != TaskTable {
		return filepath.Join(src.Dir, "train.tsv"), filepath.Join(src.Dir, "dev.tsv"), nil
	}
	if src.Train == "" || src.Dev == "" {
		return "", "", fmt.Errorf("data.train is %q and data.dev is %q, want a file each", src.Train, src.Dev)
	}
	return src.path(src.Train), src.path(src.Dev), nil
}

func (src Source) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(src.Dir, file)
}

// of is the layout for one file. A file of a GLUE task in another format than
// GLUE's must have a header with the task's column names.
func (lay layout) of(path string) (layout, error) {
	suffix := formatBySuffix(path)
	switch {
	case lay.header != nil && suffix != "" && suffix != TSV:
		lay.format, lay.header = suffix, nil
	case lay.format == "":
		lay.format = suffix
	}
	switch lay.format {
	case CSV, TSV, JSONL:
		return lay, nil
	case "":
		return lay, errorf(path, 0, "the suffix tells no format; set data.format to %s, %s or %s", CSV, TSV, JSONL)
	}
	return lay, fmt.Errorf("data.format is %q, want %s, %s or %s", lay.format, CSV, TSV, JSONL)
}

// formatBySuffix is the format of a file by its name, "" if that says nothing.
func formatBySuffix(path string) string {
	name := strings.TrimSuffix(strings.ToLower(path), ".gz")
	switch filepath.Ext(name) {
	case ".csv":
		return CSV
	case ".tsv":
		return TSV
	case ".jsonl", ".ndjson":
		return JSONL
	}
	return ""
}
