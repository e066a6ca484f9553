package shares

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// planFile is the file of a Plan in the folder of the parts.
const planFile = "_corpus.json"

// A Plan is what all shares of a corpus have in common.
type Plan struct {
	Shares   int               `json:"shares"`
	Model    string            `json:"model"`    // SHA-256 of what it is made of
	Format   string            `json:"format"`   // of the parts
	Settings map[string]string `json:"settings"` // flags that have a say in what is written, by name
	Files    []data.TextFile   `json:"files"`

	dir string
}

// A StateError is a folder of parts that does not allow what is asked of it.
type StateError struct {
	Path string
	Err  error
}

// Error is `path: what`.
func (e *StateError) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }

// Unwrap is what is wrong, without the path.
func (e *StateError) Unwrap() error { return e.Err }

func statef(path, format string, args ...any) error {
	return &StateError{path, fmt.Errorf(format, args...)}
}

// Begin returns the plan that is in a folder, which it makes if need be. Where there is none
// it counts the rows of the source's files and writes the plan; where there is one it reports
// a *StateError for anything that is not as in p, whose Files do not matter, and for files of
// other names and sizes.
func (p Plan) Begin(ctx context.Context, dir string, src data.TextSource, files []string) (*Plan, error) {
	was, err := ReadPlan(dir)
	if err == nil {
		return was, was.hold(&p, files)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if p.Files, err = src.Count(ctx, files); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	p.dir = dir
	return &p, atomicfile.Write(filepath.Join(dir, planFile), append(text, '\n'))
}

// ReadPlan reads the plan of a folder. Where there is none the error is fs.ErrNotExist.
func ReadPlan(dir string) (*Plan, error) {
	p := Plan{dir: dir}
	err := read(filepath.Join(dir, planFile), &p)
	return &p, err
}

// read reads a file of JSON.
func read(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return statef(path, "is damaged: %w; remove the folder and predict again", err)
	}
	return nil
}

// hold holds the plan against what is asked for now.
func (p *Plan) hold(now *Plan, files []string) error {
	other := "use another --out, or remove the folder"
	switch {
	case now.Shares != p.Shares:
		return statef(p.dir, "holds shares of %d, not of %d; %s", p.Shares, now.Shares, other)
	case now.Format != p.Format:
		return statef(p.dir, "holds %s, not %s; %s", p.Format, now.Format, other)
	case now.Model != p.Model:
		return statef(p.dir, "holds predictions of another model (SHA-256 %.12s…, now %.12s…); %s", p.Model, now.Model, other)
	}
	for _, name := range slices.Sorted(maps.Keys(now.Settings)) {
		if was, is := p.Settings[name], now.Settings[name]; was != is {
			return statef(p.dir, "was begun with --%s %s, not %s; %s", name, quote(was), quote(is), other)
		}
	}
	return p.holdFiles(files, other)
}

// quote makes an empty setting seen.
func quote(value string) string {
	if value == "" {
		return `""`
	}
	return value
}

// holdFiles holds the names and sizes of the plan's files against those of now.
func (p *Plan) holdFiles(files []string, other string) error {
	for i, file := range files {
		if i == len(p.Files) || p.Files[i].Name != file {
			return statef(p.dir, "holds predictions of other files: %s is not among them, or not in this place; %s", file, other)
		}
		info, err := os.Stat(file)
		if err != nil {
			return &data.Error{File: file, Err: errors.Unwrap(err)}
		}
		if was := p.Files[i].Bytes; info.Size() != was {
			return statef(p.dir, "holds predictions of %s when it had %d bytes, and now it has %d; %s", file, was, info.Size(), other)
		}
	}
	if more := p.Files[len(files):]; len(more) > 0 {
		return statef(p.dir, "holds predictions of %s, too, which is not named now; %s", more[0].Name, other)
	}
	return nil
}

// Rows counts the rows of all files.
func (p *Plan) Rows() (rows int) {
	for _, f := range p.Files {
		rows += f.Rows
	}
	return rows
}

// Share returns the share of a number.
func (p *Plan) Share(index int) Share { return Share{index, p.Shares} }

// digest tells plans apart.
func (p *Plan) digest() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))
}
