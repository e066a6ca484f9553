package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/sweep"
)

// A sweepCommand is `train sweep`: a grid of runs.
type sweepCommand struct {
	*experimentCommand
	grid []string
	out  string
	list bool
}

// newSweep is `train sweep` with its own commands.
func newSweep(a *app) *cobra.Command {
	s := &sweepCommand{experimentCommand: forExperiment(&cobra.Command{
		Use:   "sweep",
		Short: "Run an experiment over a grid of its keys",
		Long: `Sweep runs CONFIG at every point of a grid: all combinations of the values that
--grid gives to keys, numbered from 0. Each is a run in OUT/NUMBER, all stages, one
after another; then the table of train compare. A stage 1 that another point has
trained, with the same settings, is copied. A point that is complete is not run
again, and after Ctrl-C the same command goes on; so does train sweep OUT. The list
is in OUT/sweep.json, and an OUT holds one grid. A point that fails does not keep
the others from running.

For a cluster, --list --out OUT makes the list alone, and train sweep manifest OUT
writes the job, whose tasks are train sweep run OUT.`,
		Example: `  train sweep demo --grid search.lambda=1e-4,3e-4 --grid seed=1,2,3 --list
  train sweep demo --grid search.lambda=1e-4,3e-4 --grid seed=1,2,3 --out runs/grid
  train sweep runs/grid --list
  train compare runs/grid`,
	})}
	s.Args = oneArgument("CONFIG", "a YAML file, a recipe's name (train recipes) or the directory of a sweep")
	flags := s.Flags()
	flags.StringArrayVar(&s.grid, "grid", nil, "a key and its values, as --grid seed=1,2,3; repeatable")
	flags.StringVar(&s.out, "out", "", "directory of the sweep (default runs/NAME-sweep)")
	flags.BoolVar(&s.list, "list", false, "show the points, run none; written to --out if that is given")
	_ = s.RegisterFlagCompletionFunc("grid", completeKey) // fails only for an unknown flag
	_ = s.MarkFlagDirname("out")
	s.RunE = func(c *cobra.Command, args []string) error { return s.run(a, args[0]) }
	s.AddCommand(newSweepRun(a), newSweepManifest(a))
	return s.Command
}

// run carries out or lists a sweep that is there or that the flags make.
func (s *sweepCommand) run(a *app, arg string) error {
	points, err := s.points(arg)
	if err != nil {
		return err
	}
	if s.list {
		return a.listPoints(points)
	}
	return a.runPoints(s.Context(), points, a.compare)
}

// runPoints runs the points of a sweep and shows what their directories hold, also where
// some have failed.
func (a *app) runPoints(ctx context.Context, points *sweep.Sweep, show func(dirs []string) error) error {
	failed := a.withProgress(pipeline.Options{}, func(o pipeline.Options) error { return points.Run(ctx, o) })
	if errors.Is(failed, pipeline.ErrInterrupted) {
		return failed
	}
	return errors.Join(failed, show(points.Dirs()))
}

// isFolder tells whether a folder is at path; what cannot be looked at may be one.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return info.IsDir()
}

// points opens a sweep, or makes the one that the flags ask for. To list it nothing
// is written, unless a directory is named.
func (s *sweepCommand) points(arg string) (*sweep.Sweep, error) {
	if sweep.Is(arg) || len(s.grid) == 0 && isFolder(arg) {
		if len(s.grid)+len(s.set) > 0 || s.out != "" {
			return nil, usagef("sweep", "--grid, --set and --out are for a new sweep, but %s is a directory", arg)
		}
		return sweep.Open(arg)
	}
	grid, err := sweep.ParseGrid(s.grid)
	if err != nil {
		return nil, usagef("sweep", "--grid: %w", err)
	}
	if s.list && s.out == "" {
		points, _, err := sweep.New("", arg, s.set, grid)
		return points, err
	}
	return sweep.Create(s.out, arg, s.set, grid)
}

// listPoints shows the points and how far each is.
func (a *app) listPoints(s *sweep.Sweep) error {
	type row struct {
		sweep.Point
		Done string `json:"done"` // last stage that is complete
	}
	list, done := make([]row, len(s.Points)), s.Done()
	for i, p := range s.Points {
		list[i] = row{p, done[i]}
		list[i].Dir = s.Path(p)
	}
	return a.show(list, 0, func(w io.Writer) {
		fmt.Fprint(w, "point\tset\tcomplete up to\tdirectory\n")
		for _, r := range list {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", r.Index, r.Label(), cmp.Or(r.Done, "–"), r.Dir)
		}
	})
}

// indexVariables are where clusters tell the tasks of an array their number.
var indexVariables = []string{"SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"}

// newSweepRun is `train sweep run`: one point.
func newSweepRun(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "run DIR",
		Short: "Run one point of a sweep",
		Long: `Run carries out the point --index of a sweep, or the one that the cluster tells in
SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX. It goes on where an earlier run
stopped. Points may run at the same time.`,
		Example: `  train sweep run runs/grid --index 3`,
		Args:    oneArgument("DIR", "the directory of a sweep"),
	}
	index := c.Flags().Int("index", 0, "number of the point (default: as the cluster tells)")
	c.RunE = func(_ *cobra.Command, args []string) error {
		s, err := sweep.Open(args[0])
		if err != nil {
			return err
		}
		if !c.Flags().Changed("index") {
			if *index, err = taskIndex(); err != nil {
				return err
			}
		}
		if *index < 0 || *index >= len(s.Points) {
			return usagef("sweep run", "there is no point %d, want 0 to %d", *index, len(s.Points)-1)
		}
		var results []*rundir.Result
		err = a.withProgress(pipeline.Options{}, func(o pipeline.Options) (err error) {
			results, err = s.RunPoint(c.Context(), *index, o)
			return err
		})
		if err != nil {
			return err
		}
		return a.showResults(results)
	}
	return c
}

// taskIndex is the number that the cluster tells.
func taskIndex() (int, error) {
	for _, name := range indexVariables {
		if text := os.Getenv(name); text != "" {
			index, err := strconv.Atoi(text)
			if err != nil {
				return 0, usagef("sweep run", "%s is %q, want a number", name, text)
			}
			return index, nil
		}
	}
	return 0, usagef("sweep run", "no --index, and neither %s nor %s is set", indexVariables[0], indexVariables[1])
}
