package main

import (
	"fmt"
	"io"
	"time"
)

// A rowProgress says how many rows are done and how many a second: in one line of a
// terminal that it writes again and again, or in a line now and then elsewhere. A nil one
// says nothing.
type rowProgress struct {
	w        io.Writer
	terminal bool
	began    time.Time
	shown    time.Time
	before   int // rows that were there when it began
	now      func() time.Time
}

// rowProgress shows the progress of a command whose rows go to an output, where that is
// asked for, or where stderr is a terminal and the rows go elsewhere.
func (a *app) rowProgress(asked bool, out *output) *rowProgress {
	_, watched := terminal(a.stderr)
	_, shown := terminal(a.stdout)
	if !asked && (!watched || out.file == nil && out.parquet == nil && shown) {
		return nil
	}
	return &rowProgress{w: a.stderr, terminal: watched, began: time.Now(), shown: time.Now(), before: out.resumed, now: time.Now}
}

// at shows that so many rows are done, if it is time to.
func (p *rowProgress) at(rows int) {
	if p == nil {
		return
	}
	every := 10 * time.Second
	if p.terminal {
		every = redraw
	}
	if now := p.now(); now.Sub(p.shown) >= every {
		p.shown = now
		p.say(rows, map[bool]string{true: "", false: "\n"}[p.terminal])
	}
}

// end shows what came of it.
func (p *rowProgress) end(rows int) {
	if p != nil {
		p.say(rows, "\n")
	}
}

func (p *rowProgress) say(rows int, after string) {
	seconds := p.now().Sub(p.began).Seconds()
	before := ""
	if p.terminal {
		before = "\r\x1b[K"
	}
	fmt.Fprintf(p.w, "%s%d rows, %.0f rows/s%s", before, rows, float64(rows-p.before)/max(seconds, 1e-9), after)
}
