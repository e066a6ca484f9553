// Package torchfile reads the tensors of a state dict that torch.save wrote, as in
// pytorch_model.bin, without running any of it.
//
// Since PyTorch 1.6 such a file is a zip whose entry data.pkl is a pickle of the
// dict, with the bytes of each storage in an entry of its own, uncompressed;
// before, it was a row of pickles with the storages behind them
// (https://github.com/pytorch/pytorch/blob/v1.13.0/torch/serialization.py). Both
// are read; the tar files of PyTorch before 0.2 are not.
//
// Opening a file reads its pickle alone and checks that every tensor lies within
// its storage and every storage within the file. Tensors stream from the file.
package torchfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/powerbert/powerbert/internal/pickle"
	"github.com/powerbert/powerbert/internal/safetensors"
)

// File is an open file of tensors.
type File struct {
	tensors []safetensors.Info
	found   map[string]*tensor
	close   func() error
}

// Open opens a file and reads what tensors it has. Its errors, but for those of
// the file system, do not name the file.
func Open(path string) (*File, error) {
	f, size, err := safetensors.OpenRegular(path)
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

// The first bytes of the formats. The legacy one begins with the pickle of a
// magic number, in which the protocol is free.
var (
	zipMagic    = []byte("PK\x03\x04")
	legacyMagic = []byte("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.")
)

const tarMagic, tarMagicAt = "ustar", 257

// New reads what tensors a file of size bytes has.
func New(r io.ReaderAt, size int64) (*File, error) {
	head := make([]byte, 512)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	head = head[:n]
	var state any
	switch {
	case bytes.HasPrefix(head, zipMagic):
		state, err = readZip(r, size)
	case n > 2 && bytes.HasPrefix(head[2:], legacyMagic):
		state, err = readLegacy(r, size, int64(2+len(legacyMagic)))
	case n > tarMagicAt && bytes.HasPrefix(head[tarMagicAt:], []byte(tarMagic)):
		return nil, errors.New("is a tar file, which PyTorch wrote before 0.2; load it there and save it with a later one")
	default:
		return nil, errors.New("is no file of torch.save: it begins neither as a zip nor as its legacy format; copy it again")
	}
	if err != nil {
		return nil, err
	}
	return newFile(state)
}

// newFile lists the tensors of a state dict. What else it holds is no weight.
func newFile(state any) (*File, error) {
	d, ok := state.(*pickle.Dict)
	if !ok {
		return nil, errors.New("holds no state dict; save one with torch.save(model.state_dict(), path)")
	}
	f := &File{found: make(map[string]*tensor)}
	for _, e := range d.Entries {
		name, named := e.Key.(string)
		t, ok := e.Value.(*tensor)
		if !named || !ok {
			continue
		}
		if f.found[name] != nil {
			return nil, fmt.Errorf("the state dict has tensor %q twice", name)
		}
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		f.found[name] = t
		f.tensors = append(f.tensors, safetensors.Info{Name: name, DType: t.storage.dtype, Shape: t.shape})
	}
	if len(f.tensors) == 0 {
		return nil, errors.New("holds a dict without tensors; save a state dict with torch.save(model.state_dict(), path)")
	}
	return f, nil
}

// Close closes the file.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Tensors lists the tensors in the order of the state dict.
func (f *File) Tensors() []safetensors.Info { return f.tensors }

// Lookup finds a tensor by its name.
func (f *File) Lookup(name string) (safetensors.Info, bool) {
	t, ok := f.found[name]
	if !ok {
		return safetensors.Info{}, false
	}
	return safetensors.Info{Name: name, DType: t.storage.dtype, Shape: t.shape}, true
}

// Data is the bytes of the tensor of that name, row-major and little-endian.
func (f *File) Data(name string) (io.Reader, error) {
	t, ok := f.found[name]
	if !ok {
		return nil, fmt.Errorf("there is no tensor %q", name)
	}
	return t.data()
}
