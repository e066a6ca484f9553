package main

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/train"
)

func TestProgressLine(t *testing.T) {
	p := train.Progress{Stage: "search", Epoch: 2, Epochs: 3, Step: 7, Steps: 21, Loss: 0.25, ExamplesPerSecond: 1234.5}
	if got, want := p.String(), "search epoch 2/3 step 7/21 loss 0.2500 1234 examples/s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.MetricName, p.Metric, p.Remaining = "matthews", -0.5, 90*time.Second+400*time.Millisecond
	if got, want := p.Figures(), "loss 0.2500 matthews -0.5000 1234 examples/s 1m30s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLines reports a stage of two epochs second by second: a line at the start
// of each epoch, at each evaluation, every ten seconds and at the end.
func TestLines(t *testing.T) {
	var out bytes.Buffer
	var clock time.Time
	r := &lineReporter{w: &out, every: 10 * time.Second, now: func() time.Time { return clock }}
	for step := 1; step <= 26; step++ {
		clock = clock.Add(time.Second)
		p := train.Progress{Stage: "finetune", Epoch: 1 + (step-1)/13, Epochs: 2, Step: step, Steps: 26}
		r.Report(p)
		if step == 13 {
			p.MetricName, p.Metric = "accuracy", 0.5
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

func TestReportersTakeManyGoroutines(t *testing.T) {
	var out bytes.Buffer
	for _, r := range []pipeline.Reporter{&barReporter{w: &out}, &lineReporter{w: &out, now: time.Now}} {
		var group sync.WaitGroup
		for step := range 13 {
			group.Go(func() { r.Report(train.Progress{Stage: "search", Step: step, Steps: 13}) })
		}
		group.Wait()
		r.Close()
	}
}
