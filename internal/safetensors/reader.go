// Package safetensors reads and writes tensors in the safetensors format of
// Hugging Face: 8 bytes that give the length of a JSON header, the header (name,
// dtype, shape and place of every tensor), then the data, little-endian and
// row-major.
//
// It exists besides github.com/nlpodyssey/safetensors because that library wants
// the whole file in memory, for reading and for writing: with a model's own
// parameters that is everything twice. Here tensors stream between the file and
// the memory where they belong, through a small buffer. A header is checked in
// full, against the size of the file, before anything is reserved for it.
package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// File is an open file of tensors.
type File struct {
	header
	data  *io.SectionReader // what follows the header
	index map[string]int
	close func() error
}

// Open opens a file and reads its header. Its errors, but for those of the file
// system, do not name the file.
func Open(path string) (*File, error) {
	f, size, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	t, err := New(f, size)
	if err != nil {
		f.Close()
		return nil, err
	}
	t.close = f.Close
	return t, nil
}

// OpenRegular opens a file and says its size. What has none, as a pipe, is refused.
func OpenRegular(path string) (f *os.File, size int64, err error) {
	if f, err = os.Open(path); err != nil {
		return nil, 0, err
	}
	s, err := f.Stat()
	if err == nil && !s.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, s.Size(), nil
}

// New reads the header of a file of size bytes.
func New(r io.ReaderAt, size int64) (*File, error) {
	var length [8]byte
	if size < 8 {
		return nil, fmt.Errorf("the file has %d bytes, too few for a safetensors file", size)
	}
	if _, err := r.ReadAt(length[:], 0); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader || int64(n) > size-8 {
		return nil, fmt.Errorf("the header has a length of %d bytes in a file of %d; "+
			"the file is cut short, or this is not a safetensors file", n, size)
	}
	text := make([]byte, n)
	if _, err := r.ReadAt(text, 8); err != nil && n > 0 {
		return nil, err
	}
	start := 8 + int64(n)
	h, err := parse(text, size-start)
	if err != nil {
		return nil, err
	}
	t := &File{header: *h, data: io.NewSectionReader(r, start, size-start), index: make(map[string]int)}
	for i := range h.tensors {
		t.index[h.tensors[i].Name] = i
	}
	return t, nil
}

// Close closes the file.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Metadata is the strings of the header's __metadata__; nil if it has none.
func (f *File) Metadata() map[string]string { return f.metadata }

// Tensors lists the tensors in the order of their data.
func (f *File) Tensors() []Info { return f.tensors }

// Lookup finds a tensor by its name.
func (f *File) Lookup(name string) (Info, bool) {
	i, ok := f.index[name]
	if !ok {
		return Info{}, false
	}
	return f.tensors[i], true
}

// Data is the bytes of the tensor of that name, row-major and little-endian.
func (f *File) Data(name string) (io.Reader, error) {
	t, ok := f.Lookup(name)
	if !ok {
		return nil, fmt.Errorf("there is no tensor %q", name)
	}
	return io.NewSectionReader(f.data, t.from, t.to-t.from), nil
}

// Read reads the tensor of that name into dst, which has its size. F16 and BF16
// are widened; F64 is rounded where T is float32. Other dtypes are an error.
func Read[T Float](f *File, name string, dst []T) error {
	t, err := f.sized(name, len(dst))
	if err != nil {
		return err
	}
	data, err := f.Data(name)
	if err != nil {
		return err
	}
	return Decode(&t, data, dst)
}

// Decode is Read of a tensor whose bytes come from data, whatever file that is of.
func Decode[T Float](t *Info, data io.Reader, dst []T) error {
	decode := decoder[T](t.DType)
	if decode == nil {
		return fmt.Errorf("tensor %q has dtype %s, want F32, F16, BF16 or F64", t.Name, t.DType)
	}
	return stream(t, data, dst, decode)
}

// ReadInts reads an I64 tensor into dst, which has its size.
func ReadInts(f *File, name string, dst []int64) error {
	t, err := f.sized(name, len(dst))
	if err != nil {
		return err
	}
	if t.DType != "I64" {
		return fmt.Errorf("tensor %q has dtype %s, want I64", name, t.DType)
	}
	data, err := f.Data(name)
	if err != nil {
		return err
	}
	return stream(&t, data, dst, decodeI64)
}

// DecodeInt8 is Decode of an I8 tensor.
func DecodeInt8(t *Info, data io.Reader, dst []int8) error {
	if t.DType != "I8" {
		return fmt.Errorf("tensor %q has dtype %s, want I8", t.Name, t.DType)
	}
	return stream(t, data, dst, decodeI8)
}

// sized finds a tensor of n elements.
func (f *File) sized(name string, n int) (Info, error) {
	t, ok := f.Lookup(name)
	if !ok {
		return t, fmt.Errorf("there is no tensor %q", name)
	}
	if t.Size() != n {
		return t, fmt.Errorf("tensor %q has %d elements, want %d", name, t.Size(), n)
	}
	return t, nil
}

// bufferSize is the bytes that are read or written at once.
const bufferSize = 1 << 18

// stream decodes the data of a tensor piece by piece.
func stream[E any](t *Info, data io.Reader, dst []E, decode func([]E, []byte)) error {
	size := int(sizes[t.DType])
	buffer := make([]byte, min(bufferSize, len(dst)*size))
	for len(dst) > 0 {
		n := min(len(dst), len(buffer)/size)
		if _, err := io.ReadFull(data, buffer[:n*size]); err != nil {
			return fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		decode(dst[:n], buffer)
		dst = dst[n:]
	}
	return nil
}
