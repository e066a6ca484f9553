package rundir

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// The files of a run directory and of its stages.
const (
	experimentName = "experiment.yaml"
	resultName     = "result.json"
	metricsName    = "metrics.jsonl"
	retentionName  = "retention.json"
	cardName       = "README.md"
	checkpointName = "checkpoint"
	comparisonName = "quantize.json"
	calibratedName = "calibration.json"
)

// trialsName is the folder of a run directory with the runs that share its stage 1, and
// lambdaTrial begins the name of one that tries a λ.
const (
	trialsName  = "trials"
	lambdaTrial = "lambda-"
)

// dryRun ends the name of the directory of a dry run.
const dryRun = ".dry"

// Runs is the folder where run directories go that are given no other place.
const Runs = "runs"

// Default is the run directory of an experiment of this name.
func Default(name string) string { return filepath.Join(Runs, name) }

// DryRun is the directory of the dry runs of a run directory, beside it.
func DryRun(dir string) string { return Named(dir) + dryRun }

// Named is a directory's path with its name at the end, which ".", ".." and a trailing
// slash hide.
func Named(dir string) string {
	dir = filepath.Clean(dir)
	if name := filepath.Base(dir); name != "." && name != ".." {
		return dir
	}
	if whole, err := filepath.Abs(dir); err == nil {
		return whole
	}
	return dir
}

// ExperimentFile is where a run directory keeps the experiment that made its stages.
func ExperimentFile(dir string) string { return filepath.Join(dir, experimentName) }

// A StageDir is the directory of one stage.
type StageDir string

// Stage is the directory of a stage of a run directory.
func Stage(dir, name string) StageDir { return StageDir(filepath.Join(dir, name)) }

// FirstStage is the directory of stage 1 of a run: a trial's is that of the run
// directory that it is a trial of.
func FirstStage(dir string) StageDir {
	if trials := filepath.Dir(Named(dir)); filepath.Base(trials) == trialsName {
		dir = filepath.Dir(trials)
	}
	return Stage(dir, configs.StageFinetune)
}

// Answers is the path of what stage 1's model of a run directory said of some of the data,
// in a folder beside the trials, which go with stage 1.
func Answers(dir, of string) string {
	return filepath.Join(dir, trialsName, "answers", of+".safetensors")
}

// int8 ends the name of the directory of a stage's model in int8.
const int8 = "-int8"

// Int8 is the directory of a model in int8, beside that of its float32 weights.
func Int8(dir string) string { return Named(dir) + int8 }

// ComparisonFile is the path of what the directory of an int8 model, or a run directory of
// two, says of both precisions.
func ComparisonFile(dir string) string { return filepath.Join(dir, comparisonName) }

// File is the path of a file of the stage.
func (d StageDir) File(name string) string { return filepath.Join(string(d), name) }

// Checkpoint is the folder of what an interrupted stage goes on from.
func (d StageDir) Checkpoint() string { return d.File(checkpointName) }

// Metrics is the path of the stage's log.
func (d StageDir) Metrics() string { return d.File(metricsName) }

// Retention is the path of what a search found.
func (d StageDir) Retention() string { return d.File(retentionName) }

// Calibration is the path of what fitting the stage's temperature came to.
func (d StageDir) Calibration() string { return d.File(calibratedName) }

// Complete tells whether the stage has its result, or a model in int8 its comparison.
func (d StageDir) Complete() bool {
	if strings.HasSuffix(string(d), int8) {
		return atomicfile.Exists(ComparisonFile(string(d)))
	}
	return atomicfile.Exists(d.File(resultName))
}

// Interrupted tells whether there is a checkpoint to go on from.
func (d StageDir) Interrupted() bool { return !d.Complete() && atomicfile.DirExists(d.Checkpoint()) }

// begun tells whether the stage has left anything that counts.
func (d StageDir) begun() bool { return d.Complete() || d.Interrupted() }

// copyTo puts a copy of the stage in the place of another.
func (d StageDir) copyTo(to StageDir) error {
	files := os.DirFS(string(d))
	return atomicfile.WriteDir(string(to), func(dir string) error { return os.CopyFS(dir, files) })
}

// Students are the names of the stages of students in a run directory.
func Students(dir string) []string { return namesIn(dir, isStudent) }

// isStudent tells whether a stage is a student's.
func isStudent(name string) bool {
	_, _, ok := configs.ParseStudent(name)
	return ok
}

// Trial is the run directory of a trial of another run directory.
func Trial(dir, name string) string { return filepath.Join(dir, trialsName, name) }

// LambdaTrial is the run directory of the trial of a λ.
func LambdaTrial(dir string, lambda float64) string {
	return Trial(dir, lambdaTrial+strconv.FormatFloat(lambda, 'g', -1, 64))
}

// LambdaTrials are the run directories of all trials of some λ.
func LambdaTrials(dir string) (dirs []string) {
	for _, name := range namesIn(filepath.Join(dir, trialsName), func(name string) bool { return strings.HasPrefix(name, lambdaTrial) }) {
		dirs = append(dirs, Trial(dir, name))
	}
	return dirs
}

// IsTrial tells whether a run directory is the trial of another.
func IsTrial(dir string) bool { return filepath.Base(filepath.Dir(Named(dir))) == trialsName }

// isStage tells whether a directory is named as a stage with a task, or as such a stage's
// model in int8.
func isStage(dir string) bool {
	name := strings.TrimSuffix(filepath.Base(dir), int8)
	return slices.Contains(configs.Stages(), name) || isStudent(name)
}

// namesIn are those names in a folder that are wanted; one that cannot be read has none.
func namesIn(dir string, wanted func(name string) bool) (names []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if wanted(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}
