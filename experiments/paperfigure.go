package experiments

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/machine"
	"github.com/powerbert/powerbert/pipeline"
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

// A Subject is the run that a figure is of; a table of many tasks has none.
type Subject struct {
	Task     string `json:"task"`
	Seed     int    `json:"seed"`
	Model    string `json:"model"`
	Examples int    `json:"examples"` // of the dev set
}

// A finding is what an experiment found, ready to be shown.
type finding interface {
	title() string
	rows() [][]string                // of a table, the first its header; an empty row ends a table
	notes() []string                 // on what the figures mean
	panels() ([][]*plot.Plot, error) // of a picture, row by row
}

// A findingOfRun is of one run, which says what the paper has in its place.
type findingOfRun interface {
	finding
	published(r *run) []string
}

// figures are how each is made, by its name.
var figures = map[string]func(context.Context, string, FigureOptions) (*Figure, error){
	"cosine": ofRun(cosine), "mutual-information": ofRun(mutualInformation), "survivors": ofRun(survivors), "pareto": ofRun(pareto),
	"strategies": ofRun(strategies), "table1": tableOf(1), "table2": tableOf(2),
}

// ofRun makes a figure of what is found in one run.
func ofRun(find func(context.Context, string, FigureOptions) (*run, findingOfRun, error)) func(context.Context, string, FigureOptions) (*Figure, error) {
	return func(ctx context.Context, dir string, o FigureOptions) (*Figure, error) {
		r, found, err := find(ctx, dir, o)
		if err != nil {
			return nil, err
		}
		return &Figure{Subject: &Subject{r.exp.Data.Task, r.exp.Seed, r.modelInWords(), len(r.dev)},
			Result: found, Published: found.published(r), Differs: r.differs()}, nil
	}
}

// Figures are the names of what MakeFigure makes.
func Figures() []string { return slices.Sorted(maps.Keys(figures)) }

// FigureOptions say how a figure is made.
type FigureOptions struct {
	Command, Program string            // for the record
	Configs          []string          // tables: experiments, by recipe or YAML file; none, and no Runs: all recipes of the table
	Runs             []string          // pareto, tables: further run directories
	Lambdas          []float64         // pareto: to search and retrain with first
	Budget           time.Duration     // pareto, tables: for timing a run, about; 0: DefaultBudget
	Scales           []float64         // strategies: of the retention configuration; none: DefaultScales
	Seeds            []int             // strategies: of the retraining; none: that of the run
	Report           pipeline.Reporter // of training: shown progress; nil shows none
	Log              *slog.Logger      // of what is being done; nil: silent
}

// training is how a figure trains in a run directory.
func (o *FigureOptions) training(dir string) pipeline.Options {
	return pipeline.Options{Dir: dir, Program: o.Program, Report: o.Report, Log: o.Log}
}

// stopped is the error of a figure that is interrupted between two trainings.
func stopped(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("%w; %s", pipeline.ErrInterrupted, pipeline.SameCommand)
}

// MakeFigure carries out an experiment, one of Figures, on the models of the run
// directory dir; a table is of many runs, and dir the directory it is kept in. The
// error of a directory that has not the stages it needs is a *rundir.StateError.
func MakeFigure(ctx context.Context, name, dir string, o FigureOptions) (*Figure, error) {
	do, ok := figures[name]
	if !ok {
		return nil, fmt.Errorf("there is no experiment %q, want one of %s", name, strings.Join(Figures(), ", "))
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	f, err := do(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	f.Name, f.Title, f.Dir, f.Command, f.Program = name, f.Result.title(), dir, o.Command, o.Program
	f.Processor, f.Backend = fmt.Sprintf("%s, %d cores", machine.CPU(), runtime.NumCPU()), infer.Backend()
	f.Made = time.Now().UTC().Truncate(time.Second)
	return f, nil
}

// modelInWords says what stage 1's model is.
func (r *run) modelInWords() string {
	c := r.dense.Config
	from := "random weights"
	if r.exp.Model != "" {
		from = r.exp.Model
	}
	return fmt.Sprintf("%s, %d encoders of width %d, %d heads, from %s", c.ModelType, c.NumHiddenLayers, c.HiddenSize, c.NumAttentionHeads, from)
}

// differs says what is not as in the paper.
func (r *run) differs() string {
	seeds := fmt.Sprintf("one seed (%d)", r.exp.Seed)
	if len(r.seeds) > 1 {
		seeds = "the seeds " + strings.Trim(fmt.Sprint(r.seeds), "[]")
	}
	return fmt.Sprintf("the paper: BERT-base (12 encoders of width 768) as its authors pretrained it, inputs padded to N; here: %s; "+
		"the %d examples of the dev set of %s, %.1f word-pieces in the mean, cut to N = %d; stage 1 of %s",
		r.modelInWords(), len(r.dev), r.exp.Data.Task, meanLength(r.dev), r.exp.Data.MaxLength, seeds)
}

// Save writes the figure into its directory, first NAME.json, then the pictures
// NAME.svg and NAME.png, and returns the paths of what is written.
func (f *Figure) Save() (paths []string, err error) {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, err
	}
	base := filepath.Join(f.Dir, f.Name)
	if err := atomicfile.Write(base+".json", append(text, '\n')); err != nil {
		return nil, err
	}
	paths = []string{base + ".json"}
	for _, format := range []string{"svg", "png"} {
		path := base + "." + format
		if err := atomicfile.WriteWith(path, func(w io.Writer) error { return f.draw(w, format) }); err != nil {
			return paths, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// WriteText writes the figure as a table for a terminal, with what it means.
func (f *Figure) WriteText(w io.Writer) error {
	var text strings.Builder
	if f.Subject != nil {
		text.WriteString(f.Task + ": ")
	}
	text.WriteString(f.Title + "\n\n")
	align(&text, f.Result.rows())
	text.WriteString("\n")
	for _, note := range f.Result.notes() {
		wrap(&text, note, 98)
	}
	for _, note := range f.Published {
		wrap(&text, "published: "+note, 98)
	}
	wrap(&text, "differs: "+f.Differs, 98)
	_, err := io.WriteString(w, text.String())
	return err
}
