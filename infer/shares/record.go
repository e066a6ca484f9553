package shares

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/manifest"
)

// A Record is what a share leaves beside its part.
type Record struct {
	Share
	Plan      string          `json:"plan"`      // SHA-256 of the plan
	Model     string          `json:"model"`     // as the plan has it
	Files     []data.TextFile `json:"files"`     // that the range lies in
	From      int             `json:"from"`      // row of all files, from 0
	Read      int             `json:"read"`      // rows of the range
	Skipped   int             `json:"skipped"`   // malformed ones, left out
	Predicted int             `json:"predicted"` // rows of the part
	Seconds   float64         `json:"seconds"`   // that the runs took which could say so when they ended
	Timed     int             `json:"timed"`     // rows that these predicted
	Done      bool            `json:"done"`
	Bytes     int64           `json:"bytes"`  // of the part, once it is done
	CRC32C    string          `json:"crc32c"` //

	plan *Plan
}

// Open returns the record of a share, which it writes if there is none. It reports a
// *StateError where that is of another plan, or a part has none.
func (p *Plan) Open(s Share) (*Record, error) {
	r, err := p.record(s)
	switch {
	case err == nil && r.Plan != p.digest():
		return nil, statef(s.record(p.dir), "is of another model, other files or other settings than %s; remove it with its part, and predict the share again", planFile)
	case err == nil || !errors.Is(err, fs.ErrNotExist):
		return r, err
	case atomicfile.Exists(s.Part(p.dir, p.Format)):
		return nil, statef(s.Part(p.dir, p.Format), "has no record beside it that says what it is of; remove it, or use another --out")
	}
	from, to := s.Rows(p.Rows())
	r = &Record{Share: s, Plan: p.digest(), Model: p.Model, Files: p.within(from, to), From: from, Read: to - from, plan: p}
	return r, r.write()
}

// record reads the record of a share.
func (p *Plan) record(s Share) (*Record, error) {
	r := Record{plan: p}
	return &r, read(s.record(p.dir), &r)
}

// within lists the files that rows lie in.
func (p *Plan) within(from, to int) (files []data.TextFile) {
	at := 0
	for _, f := range p.Files {
		if at < to && at+f.Rows > from && f.Rows > 0 {
			files = append(files, f)
		}
		at += f.Rows
	}
	return files
}

// Path returns the file of the share's part.
func (r *Record) Path() string { return r.Part(r.plan.dir, r.plan.Format) }

// Texts opens the texts of the share.
func (r *Record) Texts(src data.TextSource) (*data.TextRows, error) {
	return data.OpenRows(src, r.plan.Files, r.From, r.From+r.Read)
}

// Ran adds a run that predicted so many rows in a time.
func (r *Record) Ran(rows int, took time.Duration) error {
	r.Seconds, r.Timed = r.Seconds+took.Seconds(), r.Timed+rows
	return r.write()
}

// End notes that the part is complete, with so many rows left out.
func (r *Record) End(skipped int) error {
	info, err := os.Stat(r.Path())
	if err != nil {
		return err
	}
	if r.CRC32C, err = manifest.CRC32C(r.Path(), info.Size()); err != nil {
		return err
	}
	r.Skipped, r.Predicted, r.Bytes, r.Done = skipped, r.Read-skipped, info.Size(), true
	return r.write()
}

// Again makes the share one that is not done.
func (r *Record) Again() error {
	r.Done, r.Seconds, r.Timed = false, 0, 0
	return r.write()
}

func (r *Record) write() error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(r.record(r.plan.dir), append(text, '\n'))
}
