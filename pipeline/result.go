package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// Result is what a complete stage came to, result.json.
type Result struct {
	Stage             string        `json:"stage"`
	Task              string        `json:"task"`
	TrainSet          string        `json:"train_set"`           // data.Fingerprint
	DevSet            string        `json:"dev_set"`             // likewise
	MaxSteps          int           `json:"max_steps,omitempty"` // of a dry run, which is no result to compare
	Metric            string        `json:"metric"`
	Dev               float64       `json:"dev"`            // the metric on the dev set, of the model that was kept
	Also              metric.Scores `json:"also,omitempty"` // what else it scores
	Loss              float64       `json:"loss"`           // its task loss on the dev set
	Epoch             int           `json:"epoch"`
	Seconds           float64       `json:"seconds"`
	ExamplesPerSecond float64       `json:"examples_per_second"` // training examples, evaluations included in the time
	Params            int           `json:"params"`
	MACs              MACs          `json:"macs"`
	RetentionFrom     string        `json:"retention_from,omitempty"` // of a retraining: "search", or "retrain.retention" of the experiment
	Strategy          string        `json:"strategy,omitempty"`       // of a retraining: which word-vectors are kept
	Retention         *Retention    `json:"-"`                        // of a search: retention.json
	Dir               string        `json:"-"`
}

// MACs are the mean multiply-adds of the encoders per dev example.
type MACs struct {
	Convention arch.Convention `json:"convention"`
	Padded     float64         `json:"padded"` // every example padded to max_length
	Real       float64         `json:"real"`   // no padding
}

// macs counts for a way of elimination.
func (t *task) macs(c *arch.Config, e *retention.Elimination, maxLength int) MACs {
	lengths, by, net := data.Lengths(t.dev), arch.Executed, c.Net()
	perExample := float64(len(lengths)) / float64(len(t.dev))
	return MACs{by, perExample * net.MeanCost(by, e, lengths, maxLength), perExample * net.MeanCost(by, e, lengths, 0)}
}

// finish writes the result of a stage: from then on it is complete.
func (t *trainer) finish() (*Result, error) {
	seconds := t.seconds()
	train, dev := t.task.fingerprints()
	r := &Result{Stage: t.name, Task: t.taskName(), TrainSet: train, DevSet: dev, MaxSteps: t.run.MaxSteps,
		Metric: t.metric(), Dev: t.state.Best, Also: t.state.BestAlso, Loss: t.state.BestLoss,
		Epoch: t.state.BestEpoch, Seconds: seconds, ExamplesPerSecond: float64(t.state.Examples) / seconds,
		Params: len(t.params.Arena()), MACs: t.task.macs(&t.config, &t.use.Elimination, t.task.maxLength), Dir: string(t.dir)}
	if t.retention != "" {
		r.RetentionFrom, r.Strategy = t.retention, t.run.exp.Retrain.Strategy
	}
	if err := atomicfile.Write(t.dir.file("README.md"), t.card(r)); err != nil {
		return nil, err
	}
	if err := writeJSON(t.dir.file("result.json"), r); err != nil {
		return nil, err
	}
	return r, atomicfile.RemoveDir(t.dir.checkpoint())
}

// ReadResult is the result of a stage of a run directory, which must be complete.
func ReadResult(dir, stage string) (*Result, error) {
	o := Options{Dir: dir}
	d := (&run{Options: o}).stage(stage)
	if !d.complete() {
		return nil, o.lacks(stage)
	}
	return readResult(d)
}

func readResult(d stageDir) (*Result, error) {
	r := &Result{Dir: string(d)}
	if err := readJSON(d.file("result.json"), r); err != nil {
		return nil, err
	}
	var err error
	if path := d.file("retention.json"); exists(path) {
		r.Retention, err = ReadRetention(path)
	}
	return r, err
}

// ReadRetention reads a retention.json, which must be of one piece.
func ReadRetention(path string) (*Retention, error) {
	r := &Retention{}
	err := readJSON(path, r)
	if err == nil && !r.whole() {
		err = unreadable(path, errors.New("mass, retention, reached and r are not of the same encoders and max_length"))
	}
	return r, err
}

func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(path, append(text, '\n'))
}

func readJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if cause := new(fs.PathError); errors.As(err, &cause) {
		err = cause.Err
	}
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		return unreadable(path, err)
	}
	return nil
}

func unreadable(path string, err error) error {
	return &model.Error{Path: path, Err: fmt.Errorf("not readable: %w; run the stage again with --overwrite", err)}
}
