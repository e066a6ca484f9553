package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/train"
)

// newReporter shows progress on w: as a bar if w is a terminal, as a plain line
// now and then elsewhere. Whatever else goes to w while the reporter is open
// must be written through logs, so that a bar and a log line never share a line.
func newReporter(w io.Writer) (r pipeline.Reporter, logs io.Writer) {
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		bar := &barReporter{w: w}
		return bar, bar
	}
	return &lineReporter{w: w, every: 10 * time.Second, now: time.Now}, w
}

// A lineReporter writes a line at the end of every epoch and every so often.
type lineReporter struct {
	mutex sync.Mutex
	w     io.Writer
	every time.Duration
	now   func() time.Time
	shown time.Time      // when the last line was written
	last  train.Progress // what the last line about a stage said
}

func (r *lineReporter) Report(p train.Progress) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	next := p.Stage != r.last.Stage || p.Epoch != r.last.Epoch || p.MetricName != r.last.MetricName || p.Metric != r.last.Metric
	if now := r.now(); next || p.Done() && !r.last.Done() || now.Sub(r.shown) >= r.every {
		r.shown, r.last = now, p
		fmt.Fprintln(r.w, p)
	}
}

// Download writes a line every so often, and at the end of the file.
func (r *lineReporter) Download(p hub.Progress) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if now := r.now(); p.Done == p.Total || now.Sub(r.shown) >= r.every {
		r.shown = now
		fmt.Fprintln(r.w, p)
	}
}

func (r *lineReporter) Close() {}

// A barReporter draws one bar per stage or file and clears it at the end.
type barReporter struct {
	mutex sync.Mutex
	w     io.Writer // a terminal
	bar   *progressbar.ProgressBar
	what  string // the bar is of
	end   int64  // of the bar
	drawn time.Time
}

// redraw is the shortest time between two states of a bar that an eye can follow.
const redraw = 100 * time.Millisecond

func (r *barReporter) Report(p train.Progress) {
	r.show(p.Stage, int64(p.Step), int64(p.Steps), func() string { return p.Title() + " " + p.Figures() })
}

func (r *barReporter) Download(p hub.Progress) {
	r.show(p.File, p.Done, max(p.Done, p.Total), p.String)
}

// show draws how far something is on its way to the end. The bar itself only
// fails where writing does, and a run must not end because nobody can watch it.
func (r *barReporter) show(what string, at, end int64, text func() string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.bar != nil && what == r.what && time.Since(r.drawn) < redraw {
		return
	}
	if r.bar == nil || what != r.what || end != r.end {
		r.clear()
		r.bar = newBar(r.w, end)
	}
	r.what, r.end, r.drawn = what, end, time.Now()
	_ = r.bar.Set64(at)
	r.bar.Describe(text())
}

// newBar is a bar up to end; one more, so that it stays until it is cleared.
func newBar(w io.Writer, end int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(end+1,
		progressbar.OptionSetWriter(w),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionSetWidth(20),
	)
}

// clear takes the bar off the terminal.
func (r *barReporter) clear() {
	if r.bar != nil {
		_ = r.bar.Clear()
	}
}

// Write puts log lines above the bar, which comes back with the next report.
func (r *barReporter) Write(text []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.clear()
	return r.w.Write(text)
}

func (r *barReporter) Close() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.clear()
	r.bar = nil
}
