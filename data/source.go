package data

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/problem"
)

// The formats of a file. None is read with more leniency than its rules.
const (
	CSV     = "csv"     // RFC 4180: quoted fields may hold commas, quotes and line breaks
	TSV     = "tsv"     // tab-separated; quotes are plain characters, as in GLUE
	JSONL   = "jsonl"   // one JSON object per line
	JSON    = "json"    // an array of objects, or objects one after another
	Parquet = "parquet" // columns, nested or not; a list only of labels
	Lines   = "lines"   // a text per line; for an OpenTexts, which wants no labels
	RACE    = "race"    // a JSON object per passage, in a file or in the .txt files of a folder

	folders = "folders" // the .txt files of a folder per label, a text each
)

// A Source says where the examples of a task are and how to read them.
type Source struct {
	Task          string   // TaskSST2, TaskTable, ...
	Dir           string   // folder of the task as it is distributed; of relative Train and Dev
	Train, Dev    string   // files, a name or a pattern as *.csv a line; "": those of the task, and part of Train where it has no Dev
	Unlabelled    string   // files of texts alone, likewise; "": none
	Format        string   // of a table: CSV, TSV, JSONL, JSON or Parquet; "": by the file's suffix, before .gz
	Text          []string // names of one or two text columns (table)
	Label         string   // name of the label column, or of several, a line each (table)
	Several       bool     // a text may have several of the labels, or none: lists of them, or a column for each
	Separator     string   // of the labels in a cell; "": a cell is a JSON array
	Header        []string // of a table's files that have no header line; none: their first line is one
	Delimiter     string   // of a table's columns; "": that of the format
	Labels        []string // label names in the order of their ids; none: the task's own, or collected
	Words         []string // what stands in the files for each of Labels, several of which may be one; none: the labels
	Scores        bool     // the labels of a table are numbers to predict
	Keep          []string // columns that come along with the examples, as texts: Example.Kept
	SkipMalformed bool     // skip and count malformed rows; otherwise the first one is an error
	HeldOut       float64  // part of the training examples, of each label, that choices go by; 0: none
	SplitSeed     uint64   // of what is taken out of the training examples
	Together      string   // Together..., which is then never parted; "": equal texts
	Fold, Folds   int      // of cross-validation: dev is this fold, from 1, of so many of the training examples; 0: it is not
	Demo          DemoSize // size of the made task
}

// A layout is how the files of a task are read.
type layout struct {
	format  string   // "": by suffix
	header  []string // column names of a file without a header line
	bare    bool     // no file has a header line, whatever its format; otherwise those of the task's format alone
	comma   string   // what separates columns; "": that of the format
	text    []string
	label   string
	keep    []string          // columns that come along
	known   []string          // columns whose names, in the first of plain lines, tell a table
	several string            // what separates labels in a cell; "": JSON's commas
	labels  []string          // nil: collected from the training file
	alias   map[string]string // other words for labels
	problem problem.Kind      // "": Classification
}

// layout is the task's own, with the source's labels if it lists some.
func (src Source) layout() (layout, error) {
	lay, err := src.taskLayout()
	lay.keep = src.Keep
	if len(src.Labels) > 0 {
		lay.labels = distinct(src.Labels)
	}
	if len(src.Words) > 0 {
		lay.alias = map[string]string{}
		for i, word := range src.Words {
			lay.alias[number(word)] = src.Labels[i]
		}
	}
	if lay.problem == "" {
		lay.problem = problem.Classification
	}
	return lay, err
}

func (src Source) taskLayout() (layout, error) {
	switch published, ok := tasks[src.Task]; {
	case ok:
		return published.layout, nil
	case src.Task == TaskDemo:
		return layout{text: []string{"text"}, label: "label", labels: DemoLabels()}, nil
	case src.Task == TaskTable:
		lay := layout{format: src.Format, header: src.Header, bare: len(src.Header) > 0, comma: src.Delimiter, text: src.Text, label: src.Label}
		lay.problem, lay.several = problem.OfTable(src.Several, src.Scores), src.Separator
		if columns := lay.answers(); lay.problem.Aimed() && (src.Scores || len(columns) > 1) {
			lay.labels = columns
		}
		if len(src.Header) == 0 {
			lay.header = nil
		}
		return lay, src.checkColumns()
	}
	names := append(slices.Sorted(maps.Keys(tasks)), TaskTable)
	return layout{}, fmt.Errorf("data.task is %q, want %s or %s", src.Task, strings.Join(names, ", "), TaskDemo)
}

// answers are the columns of the label, of several or of scores.
func (lay layout) answers() []string {
	if lay.label == "" {
		return nil
	}
	return strings.Split(lay.label, "\n")
}

// listed tells whether a column holds lists of labels.
func (lay layout) listed() bool { return lay.problem.Several() && len(lay.answers()) == 1 }

func (src Source) checkColumns() error {
	switch {
	case len(src.Text) < 1 || len(src.Text) > 2:
		return fmt.Errorf("data.text names %d columns, want one, or two for pairs", len(src.Text))
	case src.Label == "":
		return fmt.Errorf("data.label is empty, want the name of the label column")
	}
	return nil
}

// files are those that hold the examples: what the source names, and else what
// the task is distributed in.
func (src Source) files() (f files, err error) {
	if _, err := src.taskLayout(); err != nil {
		return f, err
	}
	switch {
	case src.Task == TaskTable && src.Train == "":
		return f, fmt.Errorf("data.train is empty, want the training file")
	case src.Train != "":
		f = files{train: src.Train}
	default:
		f = src.distributed()
	}
	if src.Dev != "" {
		f.dev, f.also = src.Dev, ""
	}
	for _, file := range []*string{&f.train, &f.dev, &f.also} {
		if *file != "" {
			*file = strings.Join(src.expand(*file), "\n")
		}
	}
	return f, nil
}

// Paths are the files of the source that are named, or else those that the task is
// distributed in; none of the demo task.
func (src Source) Paths() (paths []string) {
	if src.Task == TaskDemo {
		return nil
	}
	f, err := src.files()
	if err != nil {
		return nil
	}
	for _, path := range []string{f.train, f.dev, f.also} {
		if path != "" {
			paths = append(paths, strings.Split(path, "\n")...)
		}
	}
	return paths
}

// DelimiterOf is what separates the columns of a file; false where it is no such table.
func (src Source) DelimiterOf(path string) (rune, bool) {
	lay, err := src.layout()
	if err == nil {
		lay, err = lay.of(path)
	}
	if err != nil || lay.format != CSV && lay.format != TSV {
		return 0, false
	}
	return lay.separator(), true
}

// separator is what separates columns.
func (lay layout) separator() rune {
	switch {
	case lay.comma != "":
		return []rune(lay.comma)[0]
	case lay.format == CSV:
		return ','
	}
	return '\t'
}

// distributed is the first way in which the task is distributed whose training
// file is there, or else the first.
func (src Source) distributed() files {
	ways := tasks[src.Task].ways
	for _, f := range ways {
		if atomicfile.Exists(src.path(f.train)) {
			return f
		}
	}
	return ways[0]
}

// expand is the files that names and patterns, a line each, stand for. A pattern that
// stands for none is kept, and missed when it is opened.
func (src Source) expand(names string) (files []string) {
	for name := range strings.SplitSeq(names, "\n") {
		files = append(files, matching(src.path(name))...)
	}
	return files
}

// matching is the files that a pattern stands for, sorted, or what is no pattern of any.
func matching(pattern string) []string {
	matches, err := filepath.Glob(pattern) // an error is one of the pattern
	if err != nil || len(matches) == 0 || atomicfile.Exists(pattern) {
		return []string{pattern}
	}
	return matches
}

// path is a file's, from the source's folder.
func (src Source) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(src.Dir, file)
}

// of is the layout for one file. A file of a task in another format than the
// task's must have a header with the task's column names.
func (lay layout) of(path string) (layout, error) {
	suffix := formatBySuffix(path)
	switch {
	case lay.format == folders && suffix != "":
		lay.format = suffix
	case !lay.bare && lay.header != nil && suffix != "" && suffix != TSV:
		lay.format, lay.header = suffix, nil
	case lay.format == "" && lay.comma != "":
		lay.format = CSV
	case lay.format == "":
		lay.format = suffix
	}
	if (lay.format == JSONL || lay.format == JSON || lay.format == Parquet) && lay.bare {
		return lay, errorf(path, 0, "is %s, whose columns have names; leave out data.header", lay.format)
	}
	switch lay.format {
	case CSV, TSV, JSONL, JSON, Parquet, RACE, folders:
		return lay, nil
	case "":
		return lay, errorf(path, 0, "the suffix tells no format; set data.format to %s, %s, %s or %s", CSV, TSV, JSONL, JSON)
	}
	return lay, fmt.Errorf("data.format is %q, want %s, %s, %s or %s", lay.format, CSV, TSV, JSONL, JSON)
}

// formatBySuffix is the format of a file by its name, "" if that says nothing.
func formatBySuffix(path string) string {
	name := strings.ToLower(path)
	if packed := filepath.Ext(name); packed == ".gz" || packed == ".zst" {
		name = strings.TrimSuffix(name, packed)
	}
	switch filepath.Ext(name) {
	case ".csv":
		return CSV
	case ".tsv":
		return TSV
	case ".jsonl", ".ndjson":
		return JSONL
	case ".json":
		return JSON
	case ".parquet":
		return Parquet
	}
	return ""
}
