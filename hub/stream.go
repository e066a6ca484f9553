package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"
)

// cause is why a request ended: ctx's own reason, if it did.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// broken tells errors of the connection from those of the disk.
type broken struct {
	r     io.Reader
	alive context.Context
}

// Read reads from the connection.
func (b *broken) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &brokenError{cause(b.alive, err)}
	}
	return n, err
}

// progressWriter writes to a file and tells of it.
type progressWriter struct {
	file  *os.File
	timer *time.Timer
	repo  *repo
	Progress
}

// Write writes bytes that came, which gives the next ones time.
func (w *progressWriter) Write(p []byte) (int, error) {
	w.timer.Reset(w.repo.patience)
	n, err := w.file.Write(p)
	w.Done += int64(n)
	if w.repo.Report != nil {
		w.repo.Report(w.Progress)
	}
	return n, err
}

// verify holds a file against its ETag.
func verify(file *os.File, name, etag string) error {
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	var h hash.Hash
	if len(etag) == hex.EncodedLen(sha256.Size) {
		h = sha256.New()
	} else {
		h = sha1.New()
		fmt.Fprintf(h, "blob %d\x00", size) // as git names a file
	}
	if _, err := io.Copy(h, file); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != etag {
		return &DamageError{name, got, etag}
	}
	return nil
}
