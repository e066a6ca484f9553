package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// listFile is the list of points in the directory of a sweep.
const listFile = "sweep.json"

// A Sweep is a numbered list of runs: sweep.json.
type Sweep struct {
	Dir    string   `json:"-"`
	Config string   `json:"config"` // the experiment that was swept
	Set    []string `json:"set"`    // what was set in it at all points
	Grid   []Axis   `json:"grid"`
	Until  string   `json:"until,omitempty"` // the last stage that its points run; "": all
	Points []Point  `json:"points"`          // the grid's product
}

// Is tells whether dir is the directory of a sweep.
func Is(dir string) bool { return atomicfile.Exists(filepath.Join(dir, listFile)) }

// New lists the points of a grid over an experiment (a YAML file or a recipe, and
// what is set in it), and their experiments. dir "" is runs/NAME-sweep. New writes
// nothing. Values that make no experiment give a *configs.Error, and so do two points
// of the same experiment.
func New(dir, config string, set []string, grid []Axis) (*Sweep, []*configs.Experiment, error) {
	s := &Sweep{Dir: dir, Config: config, Set: append([]string{}, set...), Grid: grid, Points: product(grid)}
	experiments := make([]*configs.Experiment, len(s.Points))
	seen := map[string]Point{}
	for i, p := range s.Points {
		e, err := configs.Load(config, append(append([]string{}, set...), p.Set...))
		if err != nil {
			return nil, nil, err
		}
		if e.Data.Task == "" {
			return nil, nil, &configs.Error{Problems: []configs.Problem{{Source: config, Text: "data.task is not set, and a sweep runs the three stages of a task"}}}
		}
		if twin, ok := seen[string(e.YAML())]; ok {
			text := fmt.Sprintf("points %d (%s) and %d (%s) are the same experiment; leave one out", twin.Index, twin.Label(), i, p.Label())
			return nil, nil, &configs.Error{Problems: []configs.Problem{{Source: "--grid", Text: text}}}
		}
		experiments[i], seen[string(e.YAML())] = e, p
	}
	if err := idle(s.Grid, experiments); err != nil {
		return nil, nil, err
	}
	if dir == "" {
		s.Dir = rundir.Default(experiments[0].Name + "-sweep")
	}
	return s, experiments, nil
}

// idle refuses an axis whose key has no say in the three stages: its points would be the
// same runs.
func idle(grid []Axis, experiments []*configs.Experiment) error {
	for _, axis := range grid {
		affects := func(e *configs.Experiment) bool {
			return slices.ContainsFunc(configs.Diff(experiments[0], e), func(d configs.Difference) bool {
				return d.Key == axis.Key && d.Affects(configs.StageRetrain)
			})
		}
		if len(axis.Values) > 1 && !slices.ContainsFunc(experiments, affects) {
			text := fmt.Sprintf("%s has no say in finetune, search and retrain, which are all that a sweep runs; leave it out", axis.Key)
			return &configs.Error{Problems: []configs.Problem{{Source: "--grid", Text: text}}}
		}
	}
	return nil
}

// Create makes the directory of a new sweep, or finds it made. The list is written
// last: where it is, all is. Of another sweep it reports a *rundir.StateError.
func Create(dir, config string, set []string, grid []Axis) (*Sweep, error) {
	s, experiments, err := New(dir, config, set, grid)
	if err != nil {
		return nil, err
	}
	if Is(s.Dir) {
		was, err := Open(s.Dir)
		if err != nil {
			return nil, err
		}
		if !reflect.DeepEqual(was.Points, s.Points) {
			return nil, rundir.Errorf(s.Dir, "holds the sweep of another grid (%s), not %s; use another --out", gridText(was.Grid), gridText(grid))
		}
	}
	if atomicfile.Exists(rundir.ExperimentFile(s.Dir)) {
		return nil, rundir.Errorf(s.Dir, "is a run directory, want one of the sweep's own; use another --out")
	}
	for i, p := range s.Points {
		if err := s.put(p, experiments[i]); err != nil {
			return nil, err
		}
	}
	if Is(s.Dir) {
		return s, nil
	}
	return s, s.write()
}

// write writes the list.
func (s *Sweep) write() error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return manifest.Write(filepath.Join(s.Dir, listFile), append(text, '\n'))
}

// EndWith makes a stage the last one that the points run: finetune or retrain, which is all
// of them. Points that have run further stay as they are.
func (s *Sweep) EndWith(stage string) error {
	if s.Until = stage; stage == configs.StageRetrain {
		s.Until = ""
	}
	return s.write()
}

func gridText(grid []Axis) string {
	var list []string
	for _, a := range grid {
		list = append(list, a.Key+"="+strings.Join(a.Values, ","))
	}
	return strings.Join(list, " ")
}

// put writes a point's experiment, unless it is there.
func (s *Sweep) put(p Point, e *configs.Experiment) error {
	path := rundir.ExperimentFile(s.Path(p))
	was, err := configs.Load(path, nil)
	if !atomicfile.Exists(path) {
		if err := os.MkdirAll(s.Path(p), 0o755); err != nil {
			return err
		}
		return manifest.Write(path, fmt.Appendf(nil, "# point %d of a sweep: %s\n%s", p.Index, p.Label(), e.YAML()))
	}
	if err != nil {
		return err
	}
	if differences := configs.Diff(was, e); len(differences) > 0 {
		return rundir.Errorf(s.Path(p), "is a run of another experiment (%v); go back to its settings, or use another --out", differences[0])
	}
	return nil
}

// Open reads the list of a sweep's directory, which must be the product of its grid.
func Open(dir string) (*Sweep, error) {
	text, err := os.ReadFile(filepath.Join(dir, listFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, rundir.Errorf(dir, "no %s here, want the directory of a sweep; `train sweep CONFIG --grid KEY=VALUES --out DIR` makes one", listFile)
	}
	if err != nil {
		return nil, err
	}
	s := &Sweep{Dir: dir}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(s); err != nil {
		return nil, rundir.Errorf(dir, "%s is not readable: %v; put it back, or make the sweep anew with another --out", listFile, err)
	}
	if len(s.Grid) == 0 || !reflect.DeepEqual(s.Points, product(s.Grid)) {
		return nil, rundir.Errorf(dir, "the points of %s are not the product of its grid; put it back, or make the sweep anew with another --out", listFile)
	}
	if err := manifest.Check(filepath.Join(dir, listFile), text); err != nil {
		return nil, rundir.Errorf(dir, "%s %v", listFile, err)
	}
	return s, nil
}

// Path is the run directory of a point.
func (s *Sweep) Path(p Point) string { return filepath.Join(s.Dir, p.Dir) }

// Dirs are the run directories of all points.
func (s *Sweep) Dirs() []string {
	var list []string
	for _, p := range s.Points {
		list = append(list, s.Path(p))
	}
	return list
}

// Done is the last stage of each point that is complete; "": none, as where the
// directory holds the sweep of another grid.
func (s *Sweep) Done() []string {
	done := make([]string, len(s.Points))
	if there, err := Open(s.Dir); err != nil || !reflect.DeepEqual(there.Points, s.Points) {
		return done
	}
	for i, p := range s.Points {
		for _, name := range configs.Stages() {
			if rundir.Stage(s.Path(p), name).Complete() {
				done[i] = name
			}
		}
	}
	return done
}

// Experiment reads the experiment of a point, which must have what the list sets.
func (s *Sweep) Experiment(p Point) (*configs.Experiment, error) {
	path := rundir.ExperimentFile(s.Path(p))
	if !atomicfile.Exists(path) {
		return nil, rundir.Errorf(s.Path(p), "no experiment.yaml here; the command that made the sweep, with --list, writes it anew")
	}
	e, err := configs.Load(path, nil)
	if err != nil {
		return nil, err
	}
	wanted, err := configs.Load(path, p.Set)
	if err != nil {
		return nil, err
	}
	if differences := configs.Diff(e, wanted); len(differences) > 0 {
		return nil, rundir.Errorf(s.Path(p), "experiment.yaml is not that of point %d (%v); put it back, or make the sweep anew with another --out", p.Index, differences[0])
	}
	return e, nil
}

// Workers is the most that a point's experiment has.
func (s *Sweep) Workers() (int, error) {
	most := 0
	for _, p := range s.Points {
		e, err := s.Experiment(p)
		if err != nil {
			return 0, err
		}
		most = max(most, e.Workers)
	}
	return most, nil
}
