package manifest

import (
	"cmp"
	"hash/crc32"
	"io"
	"os"
)

// A Reader reads a file and sums what it reads, so that Verify need not read it again. A
// file that is read in its order is read once; of any other order Verify reads what comes
// after the part that was read in order. It is not for use by several goroutines.
type Reader struct {
	file *os.File
	size int64
	crc  uint32 // of the first read bytes
	read int64
}

// NewReader reads an open file of size bytes.
func NewReader(f *os.File, size int64) *Reader { return &Reader{file: f, size: size} }

// ReadAt reads as io.ReaderAt.
func (r *Reader) ReadAt(p []byte, off int64) (n int, err error) {
	n, err = r.file.ReadAt(p, off)
	if off == r.read && !Off {
		r.crc = crc32.Update(r.crc, castagnoli, p[:n])
		r.read += int64(n)
	}
	return n, err
}

// Verify reports a *DamageError where the file is not what the manifest beside it says.
func (r *Reader) Verify() error {
	if _, listed, err := wanted(r.file.Name()); err != nil || !listed {
		return err
	}
	buffer := make([]byte, 1<<18)
	for r.read < r.size {
		if n, err := r.ReadAt(buffer[:min(int64(len(buffer)), r.size-r.read)], r.read); n == 0 {
			return cmp.Or(err, io.ErrUnexpectedEOF)
		}
	}
	return check(r.file.Name(), sumOf(r.size, r.crc))
}

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }
