package hub

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

func (r *repo) snapshot(commit string) string { return filepath.Join(r.folder, "snapshots", commit) }
func (r *repo) blob(etag string) string       { return filepath.Join(r.folder, "blobs", etag) }
func (r *repo) ref() string {
	return filepath.Join(r.folder, "refs", filepath.FromSlash(r.Revision))
}
func (r *repo) absent(commit, name string) string {
	return filepath.Join(r.folder, ".no_exist", commit, name)
}

// cached is the snapshot that the cache has of the revision, if it is whole.
func (r *repo) cached(parts Parts) (string, error) {
	commit := r.Revision
	if !commitForm.MatchString(commit) {
		text, err := os.ReadFile(r.ref())
		if commit = strings.TrimSpace(string(text)); err != nil || !commitForm.MatchString(commit) {
			return "", r.notCached()
		}
	}
	dir := r.snapshot(commit)
	if r.lacks(dir, parts) != nil {
		return "", r.notCached()
	}
	return dir, nil
}

func (r *repo) notCached() error {
	return r.errorf("is no directory here, and %w (%s), while HF_HUB_OFFLINE forbids a download", ErrNotCached, r.Cache)
}

// settled tells whether a whole snapshot needs no look at the hub: it is of a
// commit, which does not change, and has the one file that may be missing, or
// a note that there is none.
func (r *repo) settled(dir string) bool {
	const optional = "tokenizer_config.json"
	return commitForm.MatchString(r.Revision) &&
		(atomicfile.Exists(filepath.Join(dir, optional)) || atomicfile.Exists(r.absent(filepath.Base(dir), optional)))
}

// noteAbsent notes that a commit has no file of that name, as huggingface_hub does.
func (r *repo) noteAbsent(commit, name string) error {
	return touch(r.absent(commit, name), nil)
}

// setRef notes which commit the revision now is.
func (r *repo) setRef(commit string) error {
	if r.Revision == commit {
		return nil
	}
	return touch(r.ref(), []byte(commit))
}

// touch writes a file and makes its folder, unless it is so already.
func touch(path string, content []byte) error {
	if old, err := os.ReadFile(path); err == nil && string(old) == string(content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return atomicfile.Write(path, content)
}

// link puts a blob into a snapshot: as a link, or where there are none as a
// second name of the same file. What is there stays, for others may be reading it.
func link(blob, path string) error {
	if atomicfile.Exists(path) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	target, err := filepath.Rel(filepath.Dir(path), blob)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // a link to a blob that is gone
		return err
	}
	err = os.Symlink(target, path)
	if (err == nil || errors.Is(err, os.ErrExist)) && atomicfile.Exists(path) { // another process may have been first
		return nil
	}
	linked := os.Link(blob, path)
	if linked == nil {
		return nil
	}
	return cmp.Or(err, linked)
}
