package paper

import (
	"cmp"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// The tables of the paper, by their names as figures.
const (
	nameTable1 = "table1"
	nameTable2 = "table2"
)

// IsTable tells whether a figure is a table of many runs.
func IsTable(name string) bool { return name == nameTable1 || name == nameTable2 }

// Place is where a figure is kept: the run directory of its one configuration, or of a
// table the folder of all runs; out, where it is given, is another. It reports a
// *rundir.StateError of a run of another task than the configuration's.
func Place(name string, of []string, out string) (string, error) {
	if IsTable(name) {
		return cmp.Or(out, rundir.Runs), nil
	}
	e, err := configs.Load(of[0], nil)
	if err != nil {
		return "", err
	}
	dir := cmp.Or(out, rundir.Default(e.Name))
	if was, none := rundir.ReadExperiment(dir); none == nil && was.Data.Task != e.Data.Task {
		return "", rundir.Errorf(dir, "is a run of the task %s, but %s is of %s", was.Data.Task, of[0], e.Data.Task)
	}
	return dir, nil
}
