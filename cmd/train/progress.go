package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

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
	if file, ok := terminal(w); ok {
		bar := &barReporter{w: w, columns: func() int {
			columns, _, _ := term.GetSize(int(file.Fd())) // 0: it does not tell
			return columns
		}}
		return bar, bar
	}
	return &lineReporter{w: w, every: 10 * time.Second, now: time.Now, began: time.Now()}, w
}

// terminal is the terminal that w writes to; ok is false where it writes elsewhere.
func terminal(w io.Writer) (file *os.File, ok bool) {
	file, ok = w.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}

// line is the progress in one line.
func line(p train.Progress) string {
	if p.Reading != "" {
		return fmt.Sprintf("%s %d/%d %s", title(p), p.Step, p.Steps, strings.Join(figures(p), " "))
	}
	return fmt.Sprintf("%s step %d/%d %s", title(p), p.Step, p.Steps, strings.Join(figures(p), " "))
}

// title is the stage, with a candidate's name, and the epoch or what is read.
func title(p train.Progress) string {
	stage := p.Stage
	if p.Candidate != "" {
		stage += " of " + p.Candidate
	}
	if p.Reading != "" {
		return stage + ": " + p.Reading
	}
	return fmt.Sprintf("%s epoch %d/%d", stage, p.Epoch, p.Epochs)
}

// figures are loss, metric, speed and time left, as far as there are any.
func figures(p train.Progress) []string {
	list, unit := []string{fmt.Sprintf("loss %.4f", p.Loss)}, " examples/s"
	if p.Reading != "" {
		list, unit = nil, " texts/s"
	}
	if p.MetricName != "" {
		list = append(list, fmt.Sprintf("%s %.4f", p.MetricName, p.Metric))
	}
	list = append(list, rate(p.ExamplesPerSecond)+unit)
	if left := p.Remaining.Round(time.Second); left > 0 {
		list = append(list, left.String()+" left")
	}
	return list
}

// rate writes a speed, a slow one with a digit more.
func rate(perSecond float64) string {
	if perSecond > 0 && perSecond < 9.95 {
		return fmt.Sprintf("%.1f", perSecond)
	}
	return fmt.Sprintf("%.0f", perSecond)
}

// evaluated tells whether an evaluation came between two states of a stage.
func evaluated(now, before train.Progress) bool {
	return now.MetricName != "" && (now.Evaluated != before.Evaluated || now.MetricName != before.MetricName || now.Stage != before.Stage || now.Candidate != before.Candidate)
}

// A lineReporter writes a line at the start of every epoch, for every evaluation, with
// which a stage ends, and every so often; of what is read, every so often alone.
type lineReporter struct {
	mutex sync.Mutex
	w     io.Writer
	every time.Duration
	now   func() time.Time
	began time.Time
	shown time.Time      // when the last line was written
	last  train.Progress // what the last line about steps said
}

func (r *lineReporter) Report(p train.Progress) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	next, since := title(p) != title(r.last) || evaluated(p, r.last), r.shown
	if p.Reading != "" && since.Before(r.began) {
		since = r.began
	}
	if now := r.now(); next && p.Reading == "" || now.Sub(since) >= r.every {
		r.shown = now
		if p.Reading == "" {
			r.last = p
		}
		fmt.Fprintln(r.w, line(p))
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

// A barReporter draws one bar per stage or file and clears it at the end. Above it stays
// a line for each evaluation.
type barReporter struct {
	mutex   sync.Mutex
	w       io.Writer  // a terminal
	columns func() int // how wide it is; 0: unknown
	bar     *progressbar.ProgressBar
	what    string // the bar is of
	end     int64  // of the bar
	drawn   time.Time
	last    train.Progress // that a line was written about
}

// redraw is the shortest time between two states of a bar that an eye can follow.
const redraw = 100 * time.Millisecond

// How wide a bar is, on a usual terminal and on a narrow one, and what it needs besides.
const (
	usualColumns = 80
	usualBar     = 20
	narrowBar    = 8
	besideBar    = 12 // "  100% |" before, "|  " and a space behind, and the last column
)

func (r *barReporter) Report(p train.Progress) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if evaluated(p, r.last) {
		r.clear()
		fmt.Fprintln(r.w, line(p))
		r.last = p
	}
	r.show(p.Stage+p.Reading, int64(p.Step), int64(p.Steps), append([]string{title(p)}, figures(p)...))
}

func (r *barReporter) Download(p hub.Progress) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.show(p.File, p.Done, max(p.Done, p.Total), []string{p.String()})
}

// show draws how far something is on its way to the end. The bar itself only
// fails where writing does, and a run must not end because nobody can watch it.
func (r *barReporter) show(what string, at, end int64, words []string) {
	if r.bar != nil && what == r.what && time.Since(r.drawn) < redraw {
		return
	}
	columns := usualColumns
	if r.columns != nil {
		columns = cmp.Or(r.columns(), usualColumns)
	}
	width := usualBar
	if columns < usualColumns {
		width = narrowBar
	}
	if r.bar == nil || what != r.what || end != r.end {
		r.clear()
		r.bar = newBar(r.w, end, width)
	}
	r.what, r.end, r.drawn = what, end, time.Now()
	_ = r.bar.Set64(at)
	r.bar.Describe(fit(words, columns-width-besideBar))
}

// fit joins as many words as a line of so many columns has room for, the first cut short
// if it must be.
func fit(words []string, columns int) string {
	text := words[0]
	for _, word := range words[1:] {
		if utf8.RuneCountInString(text)+1+utf8.RuneCountInString(word) > columns {
			break
		}
		text += " " + word
	}
	if letters := []rune(text); len(letters) > columns {
		return string(letters[:max(columns-1, 0)]) + "…"
	}
	return text
}

// newBar is a bar up to end; one more, so that it stays until it is cleared.
func newBar(w io.Writer, end int64, width int) *progressbar.ProgressBar {
	return progressbar.NewOptions64(end+1,
		progressbar.OptionSetWriter(w),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionSetWidth(width),
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
