package rundir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/internal/paths"
)

// A Folder is what an examination found in a folder of a run.
type Folder struct {
	Path      string  `json:"path"`
	State     string  `json:"state,omitempty"` // of a stage: complete, interrupted, or begun
	Checked   int     `json:"checked"`         // files that are as they were written
	Unchecked int     `json:"unchecked"`       // files that no manifest lists
	Faults    []Fault `json:"faults"`
}

// A Fault is a file that is not as it was written.
type Fault struct {
	Path    string `json:"path"`
	Problem string `json:"problem"`
	Remedy  string `json:"remedy"`
}

// Examine reads all files of a run directory, of a stage's or of any other with models,
// and holds them against the manifests, each folder's in the order of their names. It
// changes nothing. It reports an *fs.PathError where dir is no folder, or has no files.
func Examine(dir string) (folders []Folder, err error) {
	dir = filepath.Clean(dir)
	if s, err := os.Stat(dir); err != nil || !s.IsDir() {
		return nil, &fs.PathError{Op: "examine", Path: dir, Err: cause(err)}
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d == nil || d.IsDir() {
			if f := examine(path, err); err != nil || f.Checked+f.Unchecked+len(f.Faults) > 0 {
				folders = append(folders, f)
			}
		}
		return nil
	})
	if err == nil && len(folders) == 0 {
		err = &fs.PathError{Op: "examine", Path: dir, Err: errors.New("has no files, want a run directory or a stage's")}
	}
	return folders, err
}

// cause is why a path is no folder.
func cause(err error) error {
	if path := new(fs.PathError); errors.As(err, &path) {
		return path.Err
	}
	return errors.New("not a folder, want a run directory or a stage's")
}

// examine looks at a folder, which may not be readable.
func examine(dir string, err error) Folder {
	f := Folder{Path: dir, State: stateOf(dir), Faults: []Fault{}}
	if err != nil {
		f.add(dir, err)
		return f
	}
	listed, faults, err := manifest.Examine(dir)
	if err != nil {
		f.add(filepath.Join(dir, manifest.Name), err)
	}
	for _, fault := range faults {
		f.add(fault.Path, fault.Err)
	}
	f.Checked = len(listed) - len(faults)
	entries, _ := os.ReadDir(dir) // was read a moment ago
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") && e.Name() != manifest.Name && !slices.Contains(listed, e.Name()) {
			f.Unchecked++
		}
	}
	return f
}

// stateOf is how far a stage has come; "" of what is no stage's directory.
func stateOf(dir string) string {
	switch d := StageDir(dir); {
	case !isStage(dir) && filepath.Base(dir) != configs.StagePretrain:
		return ""
	case d.Complete():
		return "complete"
	case atomicfile.DirExists(d.Checkpoint()):
		return "interrupted"
	}
	return "begun"
}

// add adds a fault with what can be done about it.
func (f *Folder) add(path string, err error) {
	problem := paths.Cause(err).Error()
	if damage := new(manifest.DamageError); errors.As(err, &damage) {
		problem = damage.Difference()
	}
	f.Faults = append(f.Faults, Fault{path, problem, remedy(path)})
}

// remedy is what can be done about a file of a run that is damaged, gone or not readable.
func remedy(path string) string {
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	run, stage := filepath.Split(dir)
	meant := fmt.Sprintf("if the change is meant, remove %s", filepath.Join(dir, manifest.Name))
	switch {
	case name == manifest.Name:
		return "remove it, and the files beside it are read unchecked"
	case name == checkpointName || stage == checkpointName:
		return "put back a copy of the whole checkpoint, or " + again(filepath.Dir(dir))
	case slices.Contains(byHand, name):
		return "put back a copy; " + meant
	case name == comparisonName && !isStage(dir):
		return "remove it; `train run` makes it again"
	case stage == trialsName:
		return "remove it; the command that made it plays the same trials again"
	case IsTrial(run):
		return fmt.Sprintf("put back a copy, or remove %s, which the command that made it makes again", filepath.Clean(run))
	case strings.HasSuffix(stage, int8):
		return fmt.Sprintf("put back a copy, or `train quantize %s`", strings.TrimSuffix(dir, int8))
	case stateOf(dir) != "":
		return "put back a copy, or " + again(dir) + "; " + meant
	}
	return "put back a copy; " + meant
}

// again says how a stage is made anew, and what goes with it.
func again(dir string) string {
	run, name := filepath.Dir(dir), filepath.Base(dir)
	command := fmt.Sprintf("make the stage anew with `train %s CONFIG --out %s --overwrite`", name, run)
	if method, layers, student := configs.ParseStudent(name); student {
		command = fmt.Sprintf("make it anew with `train distil CONFIG --method %s --layers %d --out %s --overwrite`", method, layers, run)
	}
	var gone []string
	if isStage(dir) {
		for _, s := range standing(run, name)[1:] {
			if Stage(run, s).begun() {
				gone = append(gone, s)
			}
		}
	}
	if len(gone) > 0 {
		command += fmt.Sprintf(", which discards %s, too", strings.Join(gone, " and "))
	}
	return command
}
