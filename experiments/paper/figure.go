package paper

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"gonum.org/v1/plot"

	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A Figure is a figure or a table of the paper, made from runs: what was found, and
// what a reader needs to judge it.
type Figure struct {
	Name      string    `json:"experiment"`
	Title     string    `json:"title"`
	Command   string    `json:"command"`
	Program   string    `json:"program"`
	Processor string    `json:"processor"`
	Backend   string    `json:"backend"` // of the matrix products
	Made      time.Time `json:"made"`
	Dir       string    `json:"run"` // where it is kept
	*Subject
	Result    finding  `json:"result"`
	Published []string `json:"published"` // what the paper has in its place
	Differs   string   `json:"differs"`   // from the paper
}

// A finding is what an experiment found, ready to be shown.
type finding interface {
	title() string
	rows() [][]string                // of a table, the first its header; an empty row ends a table
	notes() []string                 // on what the figures mean
	panels() ([][]*plot.Plot, error) // of a picture, row by row
}

// ofRun is the figure of what was found in one run, and in others of more seeds.
func ofRun(r *report.Run, found finding, published []string, seeds ...int) *Figure {
	return &Figure{Subject: subjectOf(r), Result: found, Published: published, Differs: differs(r, distinct(seeds, r.Experiment.Seed))}
}

// alwaysPadded warns of models that have no way to run without padding.
const alwaysPadded = "A model in whose scores padding votes (pad_queries_vote) is padded in any case."

// Save writes the figure into its directory, first its values, then the pictures,
// and returns the paths of what is written.
func (f *Figure) Save() (paths []string, err error) {
	values, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, err
	}
	path := rundir.FigureFile(f.Dir, f.Name, rundir.FormatJSON)
	if err := atomicfile.Write(path, append(values, '\n')); err != nil {
		return nil, err
	}
	paths = []string{path}
	for _, format := range []string{rundir.FormatSVG, rundir.FormatPNG} {
		path := rundir.FigureFile(f.Dir, f.Name, format)
		if err := atomicfile.WriteWith(path, func(w io.Writer) error { return f.draw(w, format) }); err != nil {
			return paths, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (f *Figure) draw(w io.Writer, format string) error {
	panels, err := f.Result.panels()
	if err != nil {
		return err
	}
	return drawPanels(w, panels, format)
}

// WriteText writes the figure as a table for a terminal, with what it means.
func (f *Figure) WriteText(w io.Writer) error {
	var out strings.Builder
	if f.Subject != nil {
		out.WriteString(f.Task + ": ")
	}
	out.WriteString(f.Title + "\n\n")
	text.Table(&out, f.Result.rows())
	out.WriteString("\n")
	for _, note := range f.Result.notes() {
		text.Note(&out, note)
	}
	for _, note := range f.Published {
		text.Note(&out, "published: "+note)
	}
	text.Note(&out, "differs: "+f.Differs)
	_, err := io.WriteString(w, out.String())
	return err
}
