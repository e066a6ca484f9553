package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

// get puts a file into the snapshot of a commit, unless it is there.
func (r *repo) get(ctx context.Context, commit, name string) error {
	path := filepath.Join(r.snapshot(commit), filepath.FromSlash(name))
	if atomicfile.Exists(path) {
		return nil
	}
	f, err := r.look(ctx, commit, name)
	if err != nil {
		return err
	}
	unlock, err := r.lock(ctx, f.etag)
	if err != nil {
		return err
	}
	defer unlock()
	blob := r.blob(f.etag)
	if !atomicfile.Exists(blob) {
		if err := r.download(ctx, name, f); err != nil {
			return err
		}
	}
	return link(blob, path)
}

// lock keeps other processes from writing the blob until unlock; it waits for one
// that does.
func (r *repo) lock(ctx context.Context, etag string) (unlock func(), err error) {
	dir := filepath.Join(r.Cache, ".locks", r.ID.folder())
	if err := errors.Join(os.MkdirAll(dir, 0o777), os.MkdirAll(filepath.Join(r.folder, "blobs"), 0o777)); err != nil {
		return nil, err
	}
	l := flock.New(filepath.Join(dir, etag+".lock"))
	mine, err := l.TryLock()
	if err == nil && !mine {
		r.log().Info("waiting for another process that downloads", "model", r.Repo, "lock", l.Path())
		_, err = l.TryLockContext(ctx, 100*time.Millisecond)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", l.Path(), err)
	}
	return func() { l.Close() }, nil
}

// attempts is how often a download may break off without any progress.
const attempts = 5

// download makes a blob.
func (r *repo) download(ctx context.Context, name string, f facts) error {
	path := r.blob(f.etag) + ".incomplete"
	if err := r.fill(ctx, path, name, f); err != nil {
		if errors.As(err, new(*DamageError)) {
			err = errors.Join(err, os.Remove(path))
		}
		return err
	}
	return os.Rename(path, r.blob(f.etag))
}

// fill completes a file, from where an earlier download stopped, and checks it.
func (r *repo) fill(ctx context.Context, path, name string, f facts) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	pause := r.pause
	for left := attempts; ; {
		n, err := r.append(ctx, file, name, f)
		if err == nil {
			break
		}
		if left--; n > 0 {
			left, pause = attempts, r.pause
		}
		if left == 0 || ctx.Err() != nil || !errors.As(err, new(*brokenError)) {
			return r.explain(ctx, name, f, err)
		}
		r.log().Warn("the download broke off, trying again", "model", r.Repo, "file", name, "error", err)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause *= 2
	}
	if err := verify(file, name, f.etag); err != nil {
		return &Error{r.String(), err}
	}
	return atomicfile.Sync(file)
}

// brokenError is a failure that may not be there the next time.
type brokenError struct{ error }

func (e *brokenError) Unwrap() error { return e.error }

// append gets the bytes that a file lacks, and says how many came.
func (r *repo) append(ctx context.Context, file *os.File, name string, f facts) (int64, error) {
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil || have == f.size {
		return 0, err
	}
	alive, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(r.patience, func() { cancel(fmt.Errorf("no bytes for %v", r.patience)) })
	defer timer.Stop()
	byteRange := ""
	if have > 0 {
		byteRange = fmt.Sprintf("bytes=%d-", have)
	}
	a, err := r.send(alive, http.MethodGet, f.address, byteRange, false, nil)
	if err != nil {
		return 0, &brokenError{cause(alive, err)}
	}
	defer a.Body.Close()
	if have, err = r.place(file, have, a); err != nil {
		return 0, err
	}
	body := io.Reader(&broken{r: a.Body, alive: alive})
	if f.size >= 0 {
		body = io.LimitReader(body, f.size-have)
	}
	n, err := io.Copy(&progressWriter{file, timer, r, Progress{name, have, f.size}}, body)
	if err == nil && f.size >= 0 && have+n < f.size {
		err = &brokenError{io.ErrUnexpectedEOF}
	}
	return n, err
}

// place is where in the file the bytes of an answer belong: behind what there is,
// or at the beginning, where the hub does not go on.
func (r *repo) place(file *os.File, have int64, a *http.Response) (int64, error) {
	switch {
	case a.StatusCode == http.StatusPartialContent && startsAt(a, have), a.StatusCode == http.StatusOK && have == 0:
		return have, nil
	case a.StatusCode == http.StatusOK:
		return 0, restart(file)
	case a.StatusCode == http.StatusPartialContent, a.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		return 0, errors.Join(&brokenError{errors.New("the hub did not go on where the file ends")}, restart(file))
	case a.StatusCode >= 500, a.StatusCode == http.StatusTooManyRequests:
		return 0, &brokenError{r.refusal(a)}
	}
	return 0, r.refusal(a)
}

// startsAt tells whether a part of a file begins at that byte.
func startsAt(a *http.Response, at int64) bool {
	var from int64
	_, err := fmt.Sscanf(a.Header.Get("Content-Range"), "bytes %d-", &from)
	return err == nil && from == at
}

func restart(file *os.File) error {
	_, err := file.Seek(0, io.SeekStart)
	return errors.Join(err, file.Truncate(0))
}

// explain says what ended a download for good. What came stays.
func (r *repo) explain(ctx context.Context, name string, f facts, err error) error {
	var known *Error
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: the download of %s was stopped: %w; run the command again to go on where it was", r, name, ctx.Err())
	case errors.As(err, &known):
		return err
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%s: the disk of %s is full, and %s takes %.1f MB; make room, or set HF_HOME to a folder on another disk", r, r.Cache, name, float64(f.size)/1e6)
	}
	return fmt.Errorf("%s: %s: %w; run the command again to go on where it stopped", r, name, err)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
