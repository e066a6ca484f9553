package rundir

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/metric"
)

// A StepLine is a line of metrics.jsonl about the steps since the line before it.
type StepLine struct {
	Stage             string    `json:"stage"`
	Step              int       `json:"step"`
	Epoch             float64   `json:"epoch"`
	Loss              float64   `json:"loss"`
	TaskLoss          float64   `json:"task_loss"`
	Regulariser       float64   `json:"regulariser,omitempty"`
	Mass              []float64 `json:"mass,omitempty"`
	LR                float64   `json:"lr"`
	LRr               float64   `json:"lr_r,omitempty"`
	GradNorm          float64   `json:"grad_norm"`
	ExamplesPerSecond float64   `json:"examples_per_second"`
}

// An EvaluationLine is a line of metrics.jsonl about an evaluation on the dev set.
type EvaluationLine struct {
	Stage   string        `json:"stage"`
	Step    int           `json:"step"`
	Epoch   float64       `json:"epoch"`
	Eval    bool          `json:"eval"` // true
	Metric  string        `json:"metric"`
	Dev     float64       `json:"dev"`
	Also    metric.Scores `json:"also,omitempty"`
	DevLoss float64       `json:"dev_loss"`
	Budgets []float64     `json:"budgets,omitempty"` // the metric at each budget of a model of several, the largest first: Dev and DevLoss are means over them
	Tokens  int           `json:"tokens"`            // trained on so far, repeats counted
}

// A Log is a metrics.jsonl that is written: a line per logged step and per evaluation.
type Log struct{ file *os.File }

// OpenLog opens the log of a stage to go on after its first size bytes; what a killed
// run wrote after its last checkpoint is cut off.
func (d StageDir) OpenLog(size int64) (*Log, error) {
	f, err := os.OpenFile(d.Metrics(), os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(size); err != nil {
		f.Close()
		return nil, err
	}
	_, err = f.Seek(size, io.SeekStart)
	return &Log{f}, err
}

// Step writes a line about steps.
func (l *Log) Step(line StepLine) error { return l.write(line) }

// Evaluation writes a line about an evaluation.
func (l *Log) Evaluation(line EvaluationLine) error { return l.write(line) }

func (l *Log) write(line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = l.file.Write(append(text, '\n'))
	return err
}

// Size is how many bytes were written, all of them on disk.
func (l *Log) Size() (int64, error) {
	if err := atomicfile.Sync(l.file); err != nil {
		return 0, err
	}
	return l.file.Seek(0, io.SeekCurrent)
}

// Close closes the file.
func (l *Log) Close() error { return l.file.Close() }

// A Record is what a complete stage left behind to be shown: its result, and its
// metrics.jsonl.
type Record struct {
	Name        string
	Result      Result
	Steps       []StepLine
	Evaluations []EvaluationLine
}

// Number is 1 to 3 of the three stages.
func (r *Record) Number() int { return slices.Index(configs.Stages(), r.Name) + 1 }

// ReadRecord reads the record of a complete stage.
func (d StageDir) ReadRecord() (r Record, err error) {
	r.Name = filepath.Base(string(d))
	result, err := ReadResult(filepath.Dir(string(d)), r.Name)
	if err != nil {
		return r, err
	}
	r.Result = *result
	return r, r.readMetrics(d.Metrics())
}

// readMetrics reads a metrics.jsonl.
func (r *Record) readMetrics(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Errorf(path, "is missing; run the stage again with --overwrite")
	}
	if err != nil {
		return err
	}
	for i, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		if err := r.readLine(line); err != nil {
			return Errorf(path, "line %d is not readable: %v; run the stage again with --overwrite", i+1, err)
		}
	}
	if err := manifest.Check(path, text); err != nil {
		return unreadable(path, err)
	}
	return nil
}

func (r *Record) readLine(line []byte) error {
	var kind struct {
		Eval bool `json:"eval"`
	}
	if err := json.Unmarshal(line, &kind); err != nil {
		return err
	}
	if kind.Eval {
		var e EvaluationLine
		err := json.Unmarshal(line, &e)
		r.Evaluations = append(r.Evaluations, e)
		return err
	}
	var step StepLine
	err := json.Unmarshal(line, &step)
	r.Steps = append(r.Steps, step)
	return err
}
