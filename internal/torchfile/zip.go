package torchfile

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/powerbert/powerbert/internal/pickle"
)

// archive is a zip that torch.save wrote.
type archive struct {
	r       io.ReaderAt
	size    int64
	root    string // the folder of all entries
	entries map[string]*zip.File
}

// readZip reads the pickle of a zip, and finds its storages.
func readZip(r io.ReaderAt, size int64) (any, error) {
	a, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	if err := a.checkOrder(); err != nil {
		return nil, err
	}
	text, err := a.open("data.pkl")
	if err != nil {
		return nil, err
	}
	var s storages
	state, err := pickle.NewDecoder(text, s.options()).Decode()
	if err != nil {
		return nil, fmt.Errorf("%sdata.pkl: %w", a.root, err)
	}
	for _, storage := range s.list {
		part, err := a.open("data/" + storage.key)
		if err != nil {
			return nil, err
		}
		if part.Size()%storage.size != 0 || part.Size()/storage.size != storage.numel {
			return nil, fmt.Errorf("storage %q has %d elements of %s, but %sdata/%s has %d bytes",
				storage.key, storage.numel, storage.dtype, a.root, storage.key, part.Size())
		}
		storage.bytes = part
	}
	return state, nil
}

func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, fmt.Errorf("is cut short or damaged: %w; copy it again", err)
	}
	a := &archive{r: r, size: size, entries: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		a.entries[f.Name] = f
		if root, ok := strings.CutSuffix(f.Name, "/data.pkl"); ok && a.root == "" && !strings.Contains(root, "/") {
			a.root = root + "/"
		}
	}
	if a.root == "" {
		return nil, errors.New("is a zip without data.pkl, so torch.save did not write it")
	}
	return a, nil
}

// open is the bytes of an entry where they lie in the file.
func (a *archive) open(name string) (*io.SectionReader, error) {
	name = a.root + name
	f := a.entries[name]
	if f == nil {
		return nil, fmt.Errorf("there is no %s in the zip; copy it again", name)
	}
	if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 {
		return nil, fmt.Errorf("%s is compressed, which torch.save does to none; save it again", name)
	}
	at, err := f.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if n := f.UncompressedSize64; at > a.size || n > uint64(a.size-at) {
		return nil, fmt.Errorf("%s has %d bytes, which the file does not; copy it again", name, n)
	}
	return io.NewSectionReader(a.r, at, int64(f.UncompressedSize64)), nil
}

// checkOrder wants the byte order that a file names to be ours; PyTorch before
// 2.1 names none.
func (a *archive) checkOrder() error {
	if a.entries[a.root+"byteorder"] == nil {
		return nil
	}
	r, err := a.open("byteorder")
	if err != nil {
		return err
	}
	order, err := io.ReadAll(io.LimitReader(r, 16))
	if err == nil && string(order) != "little" {
		return errOrder(string(order))
	}
	return err
}

func errOrder(order string) error {
	return fmt.Errorf("has the byte order %q, want \"little\"; load it in PyTorch and save it on another machine", order)
}
