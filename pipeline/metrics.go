package pipeline

import (
	"encoding/json"
	"os"
	"time"

	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/retention"
)

// metricsLog is metrics.jsonl: a line per logged step and per evaluation.
type metricsLog struct{ file *os.File }

// openMetrics opens the log to go on after its first size bytes; what a killed
// run wrote after its last checkpoint is cut off.
func openMetrics(path string, size int64) (*metricsLog, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(size); err != nil {
		f.Close()
		return nil, err
	}
	_, err = f.Seek(size, 0)
	return &metricsLog{f}, err
}

func (l *metricsLog) write(line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = l.file.Write(append(text, '\n'))
	return err
}

// size is how many bytes were written, all of them on disk.
func (l *metricsLog) size() (int64, error) {
	if err := l.file.Sync(); err != nil {
		return 0, err
	}
	return l.file.Seek(0, 1)
}

// StepLine is a line of metrics.jsonl about the steps since the line before it.
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

// EvaluationLine is a line of metrics.jsonl about an evaluation on the dev set.
type EvaluationLine struct {
	Stage   string        `json:"stage"`
	Step    int           `json:"step"`
	Epoch   float64       `json:"epoch"`
	Eval    bool          `json:"eval"` // true
	Metric  string        `json:"metric"`
	Dev     float64       `json:"dev"`
	Also    metric.Scores `json:"also,omitempty"`
	DevLoss float64       `json:"dev_loss"`
	Tokens  int           `json:"tokens"` // trained on so far, repeats counted
}

// logStep writes the means since the last line.
func (t *trainer) logStep() error {
	w, factor := t.state.Window, t.sched.At(t.state.Step-1)
	n := float64(w.Steps)
	line := StepLine{Stage: t.name, Step: t.state.Step, Epoch: t.epoch(),
		Loss: (w.Task + w.Penalty) / n, TaskLoss: w.Task / n, Regulariser: w.Penalty / n,
		LR: t.conf.LR * factor, LRr: t.lrR * factor, GradNorm: t.opt.GradNorm(), ExamplesPerSecond: t.meter.rate()}
	if t.soft != nil {
		line.Mass = retention.Mass(t.soft.R, t.soft.Length)
	}
	t.state.Window, t.meter.loss = window{}, line.Loss
	return t.log.write(line)
}

func (t *trainer) logEvaluation(value float64, also metric.Scores, devLoss float64) error {
	return t.log.write(EvaluationLine{t.name, t.state.Step, t.epoch(), true, t.metric(), value, also, devLoss, t.state.Tokens})
}

// meter measures the speed of the current process and remembers what progress
// shows.
type meter struct {
	since     time.Time
	examples  int
	loss, dev float64
	evaluated bool
}

// rate is training examples per second, evaluations included.
func (m *meter) rate() float64 { return float64(m.examples) / time.Since(m.since).Seconds() }

// report shows progress.
func (t *trainer) report() {
	rate := t.meter.rate()
	p := Progress{Stage: t.name, Epoch: min(int(t.epoch())+1, t.conf.Epochs), Epochs: t.conf.Epochs,
		Step: t.state.Step, Steps: t.last(), Loss: t.meter.loss, ExamplesPerSecond: rate}
	if t.meter.evaluated {
		p.MetricName, p.Metric = t.metric(), t.meter.dev
	}
	if w := t.state.Window; w.Steps > 0 && t.meter.loss == 0 {
		p.Loss = (w.Task + w.Penalty) / float64(w.Steps)
	}
	if rate > 0 {
		left := float64((t.last()-t.state.Step)*t.perStep()) / rate
		p.Remaining = time.Duration(left * float64(time.Second))
	}
	t.run.Report.Report(p)
}
