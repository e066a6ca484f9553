package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/predict"
)

func TestProgressLine(t *testing.T) {
	p := train.Progress{Stage: "search", Epoch: 2, Epochs: 3, Step: 7, Steps: 21, Loss: 0.25, ExamplesPerSecond: 1234.5}
	if got, want := line(p), "search epoch 2/3 step 7/21 loss 0.2500 1234 examples/s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for perSecond, want := range map[float64]string{0: "0 ", 0.44: "0.4 ", 9.94: "9.9 ", 9.96: "10 "} {
		if got := figures(train.Progress{ExamplesPerSecond: perSecond})[1]; got != want+"examples/s" {
			t.Errorf("%g a second is %q, want %q", perSecond, got, want)
		}
	}
	p.MetricName, p.Metric, p.Remaining = "matthews", -0.5, 90*time.Second+400*time.Millisecond
	if got, want := strings.Join(figures(p), " "), "loss 0.2500 matthews -0.5000 1234 examples/s 1m30s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p = train.Progress{Stage: "retrain", Candidate: "geometric", Reading: "texts without labels", Step: 7, Steps: 21, ExamplesPerSecond: 56.7, Remaining: 2 * time.Second}
	if got, want := line(p), "retrain of geometric: texts without labels 7/21 57 texts/s 2s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A reading is shown every ten seconds alone, and makes neither it nor the steps around it
// begin anew.
func TestReadingLines(t *testing.T) {
	var out bytes.Buffer
	var clock time.Time
	r := &lineReporter{w: &out, every: 10 * time.Second, now: func() time.Time { return clock }}
	step := train.Progress{Stage: "finetune", Epoch: 1, Epochs: 2, Step: 1, Steps: 26, MetricName: "accuracy", Evaluated: 1}
	r.Report(step)
	for read := 1; read <= 25; read++ {
		clock = clock.Add(time.Second)
		r.Report(train.Progress{Stage: "finetune", Reading: "evaluation", Step: read, Steps: 25, ExamplesPerSecond: 1})
	}
	r.Report(step)
	want := line(step) + "\nfinetune: evaluation 10/25 1.0 texts/s\nfinetune: evaluation 20/25 1.0 texts/s\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// reading keeps what was read.
type reading struct {
	pipeline.Reporter
	last  train.Progress
	ended int
}

func (r *reading) Report(p train.Progress) { r.last = p }
func (r *reading) Close()                  { r.ended++ }

// The readers are commands, whose passes over texts show how far they are.
func TestReadersShowPasses(t *testing.T) {
	r := &reading{}
	root := newRoot(&app{progress: r})
	for _, name := range readers {
		c, _, err := root.Find([]string{name})
		if err != nil || c.Name() != name {
			t.Fatalf("%s is no command (%v)", name, err)
		}
		c.SetContext(t.Context())
		_ = c.RunE(c, []string{t.TempDir()}) // where there is no model
		if err := predict.InBatches(c.Context(), 1, 3, 2, func(_, _, _ int) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if p := r.last; p.Stage != name || p.Step != 3 || p.Steps != 3 || r.ended != 1 {
			t.Errorf("%s shows %+v, and ends it %d times", name, p, r.ended)
		}
		*r = reading{}
	}
}

// TestLines reports a stage of two epochs second by second: a line at the start
// of each epoch, at each evaluation and every ten seconds.
func TestLines(t *testing.T) {
	var out bytes.Buffer
	var clock time.Time
	r := &lineReporter{w: &out, every: 10 * time.Second, now: func() time.Time { return clock }}
	for step := 1; step <= 26; step++ {
		clock = clock.Add(time.Second)
		p := train.Progress{Stage: "finetune", Epoch: 1 + (step-1)/13, Epochs: 2, Step: step, Steps: 26}
		r.Report(p)
		if step%13 == 0 {
			p.MetricName, p.Metric, p.Evaluated = "accuracy", 0.5, step
			r.Report(p)
		}
	}
	r.Close()
	var steps []string
	for line := range strings.Lines(out.String()) {
		var stage, epoch, step string
		fmt.Sscanf(line, "%s epoch %s step %s", &stage, &epoch, &step)
		steps = append(steps, step)
	}
	want := "1/26 11/26 13/26 14/26 24/26 26/26"
	if got := strings.Join(steps, " "); got != want {
		t.Errorf("lines at steps %s, want %s\n%s", got, want, &out)
	}
}

// A download is told of as a stage is.
func TestDownloadLines(t *testing.T) {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	r := &lineReporter{w: &out, every: 10 * time.Second, now: func() time.Time { return clock }}
	for mb := range int64(26) {
		clock = clock.Add(time.Second)
		r.Download(hub.Progress{File: "model.safetensors", Done: mb * 1e6, Total: 25e6})
	}
	want := "download model.safetensors 0.0 of 25.0 MB\ndownload model.safetensors 10.0 of 25.0 MB\n" +
		"download model.safetensors 20.0 of 25.0 MB\ndownload model.safetensors 25.0 of 25.0 MB\n"
	if out.String() != want {
		t.Errorf("got %s\nwant %s", &out, want)
	}
}

func TestPlainWriterGetsLines(t *testing.T) {
	var out bytes.Buffer
	r, logs := newReporter(&out)
	fmt.Fprintln(logs, "hello")
	r.Report(train.Progress{Stage: "retrain", Epoch: 1, Epochs: 1, Step: 1, Steps: 5})
	r.Close()
	want := "hello\nretrain epoch 1/1 step 1/5 loss 0.0000 0 examples/s\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestBar(t *testing.T) {
	var out bytes.Buffer
	r := &barReporter{w: &out}
	r.Report(train.Progress{Stage: "finetune", Epoch: 1, Epochs: 1, Step: 13, Steps: 25})
	if !strings.Contains(out.String(), "50%") || !strings.Contains(out.String(), "finetune epoch 1/1 loss") {
		t.Errorf("drew %q, want half a bar with the stage", out.String())
	}
	out.Reset()
	fmt.Fprintln(r, "a log line")
	if got := out.String(); !strings.HasSuffix(got, "a log line\n") || !strings.HasPrefix(got, "\033[2K") {
		t.Errorf("wrote %q, want the bar cleared before the line", got)
	}
	out.Reset()
	r.Report(train.Progress{Stage: "search", Step: 25, Steps: 25})
	if !strings.Contains(out.String(), "search") {
		t.Errorf("drew %q, want the next stage's bar", out.String())
	}
	out.Reset()
	r.Download(hub.Progress{File: "vocab.txt", Done: 500_001, Total: 1_000_001})
	if got := out.String(); !strings.Contains(got, "50%") || !strings.Contains(got, "download vocab.txt 0.5 of 1.0 MB") {
		t.Errorf("drew %q, want half a bar with the file", got)
	}
	out.Reset()
	r.Close()
	if got := out.String(); !strings.Contains(got, "\033[2K") || strings.Contains(got, "\n") {
		t.Errorf("closing wrote %q, want the line cleared", got)
	}
}

// A bar and its words stay on one line of a terminal from 40 columns up, whatever there is
// to say.
func TestBarFitsTheTerminal(t *testing.T) {
	p := train.Progress{Stage: "distilbert-12", Epoch: 10, Epochs: 10, Step: 9, Steps: 99999, Loss: 0.1234, MetricName: "macro_f1", Metric: 0.9876,
		ExamplesPerSecond: 12345, Remaining: 99*time.Hour + 59*time.Minute}
	escapes := regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")
	for columns := 40; columns <= 120; columns++ {
		var out bytes.Buffer
		r := &barReporter{w: &out, columns: func() int { return columns }, last: p}
		r.Report(p)
		for drawn := range strings.SplitSeq(escapes.ReplaceAllString(out.String(), ""), "\r") {
			if n := utf8.RuneCountInString(drawn); n > columns {
				t.Errorf("%d columns: %q takes %d", columns, drawn, n)
			}
		}
		if !strings.Contains(out.String(), "distilbert-12 epoch") {
			t.Errorf("%d columns: drew %q, want the stage", columns, out.String())
		}
		if columns == 120 && !strings.Contains(out.String(), "macro_f1 0.9876") {
			t.Errorf("drew %q, want the metric where there is room", out.String())
		}
	}
}

// Each evaluation leaves a line above the bar, also where two score alike.
func TestBarKeepsALineForAnEvaluation(t *testing.T) {
	var out bytes.Buffer
	r := &barReporter{w: &out}
	for step := 1; step <= 4; step++ {
		p := train.Progress{Stage: "finetune", Epoch: (step + 1) / 2, Epochs: 2, Step: step, Steps: 4}
		if step >= 2 {
			p.MetricName, p.Metric, p.Evaluated = "accuracy", 0.5, step/2*2
		}
		r.Report(p)
	}
	r.Close()
	var lines []string
	for l := range strings.Lines(out.String()) {
		if at := strings.Index(l, "finetune epoch"); at >= 0 && strings.HasSuffix(l, "\n") {
			lines = append(lines, strings.TrimSpace(l[strings.LastIndex(l, "finetune epoch"):]))
		}
	}
	want := []string{"finetune epoch 1/2 step 2/4 loss 0.0000 accuracy 0.5000 0 examples/s", "finetune epoch 2/2 step 4/4 loss 0.0000 accuracy 0.5000 0 examples/s"}
	if !slices.Equal(lines, want) {
		t.Errorf("lines\n%q\nwant\n%q", lines, want)
	}
}

// Many goroutines may report: each state that is written is whole, none is lost of those
// that must be, and the race detector has nothing to say.
func TestReportersTakeManyGoroutines(t *testing.T) {
	const steps = 50
	report := func(r pipeline.Reporter) {
		var group sync.WaitGroup
		for step := 1; step <= steps; step++ {
			group.Go(func() {
				r.Report(train.Progress{Stage: "search", Epoch: step, Epochs: steps, Step: step, Steps: steps, MetricName: "f1", Metric: 0.5, Evaluated: step})
			})
		}
		group.Wait()
		r.Close()
	}
	whole := regexp.MustCompile(`search epoch (\d+)/50 step (\d+)/50 loss 0\.0000 f1 0\.5000 0 examples/s\n`)
	for name, make := range map[string]func(w io.Writer) pipeline.Reporter{
		"bar":   func(w io.Writer) pipeline.Reporter { return &barReporter{w: w} },
		"lines": func(w io.Writer) pipeline.Reporter { return &lineReporter{w: w, now: time.Now} },
	} {
		var out bytes.Buffer
		report(make(&out))
		seen := map[string]bool{}
		for _, m := range whole.FindAllStringSubmatch(out.String(), -1) {
			if m[1] != m[2] {
				t.Errorf("%s: a line is of two states: %q", name, m[0])
			}
			seen[m[1]] = true
		}
		if len(seen) != steps {
			t.Errorf("%s: %d of %d evaluations have a whole line", name, len(seen), steps)
		}
	}
}
