package shares

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/manifest"
)

// A Whole is what the parts are together.
type Whole struct {
	Shares    int            `json:"shares"`
	Files     int            `json:"files"`
	Rows      int            `json:"rows"`
	Skipped   int            `json:"skipped"`    // malformed ones, left out
	Predicted int            `json:"predicted"`  // rows of the parts
	Labels    map[string]int `json:"labels"`     // how often each was said, "": none was probable enough; nil of scores
	IDs       int            `json:"ids"`        // that were held against those of the files
	Seconds   float64        `json:"seconds"`    // of all shares together, of runs that ended by themselves
	PerSecond float64        `json:"per_second"` // texts that such a run predicted in a second
}

// An ID is the column that tells rows apart.
type ID struct {
	Name   string          // in the parts
	Source data.TextSource // as the shares were predicted
	Kept   int             // index of the column in Source.Keep
}

// Merge reads all parts, holds them against their records, counts their labels and, unless w
// is nil, writes them to it as one, in the order of the texts. With an id it reads the files
// again, and holds the id of every row against that of its text.
//
// It reports a *StateError for shares that are missing, not complete or of another plan, and
// *data.Errors for a part that is not as it was written, for rows that a part has too many or
// too few, and for ids that are missing, there twice, or unknown.
func (p *Plan) Merge(w io.Writer, id *ID) (*Whole, error) {
	records, err := p.records()
	if err != nil {
		return nil, err
	}
	whole := &Whole{Shares: p.Shares, Files: len(p.Files), Rows: p.Rows()}
	check, err := p.checkIDs(id)
	if err != nil {
		return nil, err
	}
	defer check.close()
	j := newJoin(p.Format, w)
	var wrong []error
	for _, r := range records {
		check.part = r.Path()
		rows := 0
		err := errors.Join(r.verify(), j.add(r.Path(), check.name, func(row row) {
			rows++
			whole.count(row)
			check.take(row.id)
		}))
		if err == nil && rows != r.Predicted {
			err = &data.Error{File: r.Path(), Err: fmt.Errorf("has %d rows, want the %d of its record", rows, r.Predicted)}
		}
		wrong = append(wrong, err)
		whole.add(r)
	}
	whole.IDs = check.rows
	return whole, errors.Join(append(wrong, check.end(), j.close())...)
}

// add adds a share.
func (w *Whole) add(r *Record) {
	timed := w.PerSecond*w.Seconds + float64(r.Timed)
	w.Skipped, w.Predicted, w.Seconds = w.Skipped+r.Skipped, w.Predicted+r.Predicted, w.Seconds+r.Seconds
	if w.Seconds > 0 {
		w.PerSecond = timed / w.Seconds
	}
}

// count counts the labels of a row.
func (w *Whole) count(r row) {
	if r.labels == nil {
		return
	}
	if w.Labels == nil {
		w.Labels = map[string]int{}
	}
	for _, label := range r.labels {
		w.Labels[label]++
	}
}

// verify holds the part against what the record says of it.
func (r *Record) verify() error {
	sum, err := manifest.CRC32C(r.Path(), r.Bytes)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &data.Error{File: r.Path(), Err: fmt.Errorf("is shorter than the %d bytes that it had when it was complete; predict share %v again with --overwrite", r.Bytes, r.Share)}
	case err != nil:
		return err
	case sum != r.CRC32C:
		return &data.Error{File: r.Path(), Err: fmt.Errorf("is not as it was written (CRC-32C %s, want %s); predict share %v again with --overwrite", sum, r.CRC32C, r.Share)}
	}
	return nil
}

// records reads those of all shares, which have to be complete and of this plan.
func (p *Plan) records() (records []*Record, err error) {
	var missing, half, foreign []int
	digest := p.digest()
	parts := map[string]bool{}
	for i := range p.Shares {
		r, err := p.record(p.Share(i))
		parts[p.Share(i).Part(p.dir, p.Format)] = true
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, i)
		case err != nil:
			return nil, err
		case r.Plan != digest:
			foreign = append(foreign, i)
		case !r.Done:
			half = append(half, i)
		}
		records = append(records, r)
	}
	for _, wrong := range []struct {
		shares []int
		what   string
	}{
		{missing, "have no record: predict them"},
		{half, "are not complete: predict them with --resume"},
		{foreign, "are of another model, other files or other settings: remove them, and predict them again"},
	} {
		if len(wrong.shares) > 0 {
			err = errors.Join(err, statef(p.dir, "shares %s of %d %s", ranges(wrong.shares), p.Shares, wrong.what))
		}
	}
	return records, errors.Join(err, p.strangers(parts))
}

// strangers reports a *StateError for a part that is of none of the shares.
func (p *Plan) strangers(parts map[string]bool) error {
	found, err := filepath.Glob(filepath.Join(p.dir, "part-*"))
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(found, func(path string) bool { return !parts[path] }); i >= 0 {
		return statef(found[i], "is no part of this corpus; remove it")
	}
	return nil
}

// ranges lists numbers as the array of a job does, as 1,3-5.
func ranges(numbers []int) string {
	var list []string
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		text := fmt.Sprint(numbers[i])
		if j > i {
			text += fmt.Sprint("-", numbers[j])
		}
		list, i = append(list, text), j+1
	}
	return strings.Join(list, ",")
}
