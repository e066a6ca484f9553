package paper

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// figures are how each is made, by its name: of the run directory it is given, a table
// for the directory.
var figures = map[string]func(context.Context, string, Options) (*Figure, error){
	rundir.FigureCosine:            cosine,
	rundir.FigureMutualInformation: mutualInformation,
	rundir.FigurePareto:            pareto,
	rundir.FigureStrategies:        strategies,
	rundir.FigureSurvivors:         survivors,
	nameTable1:                     tableOf(1),
	nameTable2:                     tableOf(2),
}

// readers are the figures that read an option which not all do, by the option's name;
// "table" is for all tables.
var readers = map[string][]string{
	"runs":    {rundir.FigurePareto, "table"},
	"lambdas": {rundir.FigurePareto},
	"scales":  {rundir.FigureStrategies},
	"seeds":   {rundir.FigureStrategies},
	"seconds": {rundir.FigurePareto, "table"},
}

// Figures are the names of what MakeFigure makes.
func Figures() []string { return slices.Sorted(maps.Keys(figures)) }

// CheckName reports a name that is no figure's.
func CheckName(name string) error {
	if figures[name] == nil {
		return fmt.Errorf("there is no experiment %q, want one of %s", name, strings.Join(Figures(), ", "))
	}
	return nil
}

// CheckOptions reports the first option, by its name on the command line, that is given
// to a figure which does not read it.
func CheckOptions(name string, given func(option string) bool) error {
	kind := name
	if IsTable(name) {
		kind = "table"
	}
	for _, option := range slices.Sorted(maps.Keys(readers)) {
		if of := readers[option]; given(option) && !slices.Contains(of, kind) {
			return fmt.Errorf("--%s is for %s, not for %s", option, strings.Join(of, " and "), name)
		}
	}
	return nil
}

// MakeFigure carries out an experiment, one of Figures, on the models of the run
// directory dir; a table is of many runs, and dir the directory it is kept in. The
// error of a directory that has not the stages it needs is a *rundir.StateError.
func MakeFigure(ctx context.Context, name, dir string, o Options) (*Figure, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	f, err := figures[name](ctx, dir, o)
	if err != nil {
		return nil, err
	}
	f.Name, f.Title, f.Dir, f.Command, f.Program = name, f.Result.title(), dir, o.Command, o.Program
	f.Processor, f.Backend = report.Processor(), infer.Backend()
	f.Made = time.Now().UTC().Truncate(time.Second)
	return f, nil
}
