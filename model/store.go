package model

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/internal/paths"
	"github.com/powerbert/powerbert/internal/safetensors"
	"github.com/powerbert/powerbert/internal/torchfile"
)

// store is the open files of a directory's tensors.
type store struct {
	path    string // the file that lists the tensors
	format  format
	files   []tensorFile
	opened  []string // their paths
	tensors []stored
}

// stored is a tensor of a store.
type stored struct {
	name string
	info safetensors.Info
	file tensorFile
	path string
}

// tensorFile is an open file of tensors: their names, dtypes and shapes, and their
// data as it streams.
type tensorFile interface {
	Tensors() []safetensors.Info
	Lookup(name string) (safetensors.Info, bool)
	Data(name string) (io.Reader, error) // row-major, little-endian
	Close() error
}

// checkedFile is a safetensors file that is summed as it is read.
type checkedFile struct {
	*safetensors.File
	*manifest.Reader
}

// openChecked opens a safetensors file. Of a damaged one that is none any more it says
// that it is damaged.
func openChecked(path string) (*checkedFile, error) {
	f, size, err := safetensors.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	r := manifest.NewReader(f, size)
	t, err := safetensors.New(r, size)
	if err != nil {
		return nil, errors.Join(cmp.Or(r.Verify(), err), f.Close())
	}
	return &checkedFile{t, r}, nil
}

// Close closes the file.
func (f *checkedFile) Close() error { return f.Reader.Close() }

// verify holds the files, which have been read, against the manifest.
func (s *store) verify() error {
	for i, f := range s.files {
		if f, ok := f.(*checkedFile); ok {
			if err := f.Verify(); err != nil {
				return at(s.opened[i], err)
			}
		}
	}
	return nil
}

// format is a kind of file that tensors come in.
type format struct {
	single, index string // the file, and what lists its shards
	open          func(path string) (tensorFile, error)
}

// formats are those of a Hugging Face directory; as transformers does, the first
// that is there is taken.
var formats = []format{
	{weightsFile, indexFile, opener(openChecked)},
	{"pytorch_model.bin", "pytorch_model.bin.index.json", opener(torchfile.Open)},
}

func opener[F tensorFile](open func(string) (F, error)) func(string) (tensorFile, error) {
	return func(path string) (tensorFile, error) {
		f, err := open(path)
		if err != nil {
			return nil, err
		}
		return f, nil
	}
}

// openStore opens the tensors of a model's directory: one file, or the shards of an
// index, of Hugging Face, or what SaveInt8 wrote.
func openStore(dir string) (*store, error) {
	for _, f := range formats {
		single, index := filepath.Join(dir, f.single), filepath.Join(dir, f.index)
		if atomicfile.Exists(single) {
			s := &store{path: single, format: f}
			_, err := s.open(single, nil)
			return s.orClose(err)
		}
		if atomicfile.Exists(index) {
			s := &store{path: index, format: f}
			return s.orClose(s.openShards(dir))
		}
	}
	if atomicfile.Exists(filepath.Join(dir, int8File)) {
		return openInt8(dir)
	}
	return nil, lost(dir)
}

// openInt8 opens the tensors of a directory that SaveInt8 wrote.
func openInt8(dir string) (*store, error) {
	path := filepath.Join(dir, int8File)
	s := &store{path: path, format: format{open: opener(openChecked)}}
	_, err := s.open(path, nil)
	return s.orClose(err)
}

// paths lists the files that hold the tensors, in the order of their names.
func (s *store) paths() []string {
	var all []string
	for _, t := range s.tensors {
		all = append(all, t.path)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// open adds the tensors of a file: all, or those of the given names, of which it
// returns the ones that are not there.
func (s *store) open(path string, names []string) (missing []string, err error) {
	f, err := s.format.open(path)
	if err != nil {
		return nil, at(path, cmp.Or(paths.PointerAt(path), err))
	}
	s.files, s.opened = append(s.files, f), append(s.opened, path)
	if names == nil {
		for _, t := range f.Tensors() {
			s.tensors = append(s.tensors, stored{t.Name, t, f, path})
		}
	}
	for _, name := range names {
		if t, ok := f.Lookup(name); ok {
			s.tensors = append(s.tensors, stored{name, t, f, path})
		} else {
			missing = append(missing, name)
		}
	}
	return missing, nil
}

// openShards opens every shard of the index, and reports all that are missing or
// lack a tensor.
func (s *store) openShards(dir string) error {
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := readJSON(s.path, &index); err != nil {
		return err
	}
	if len(index.WeightMap) == 0 {
		return errorf(s.path, "has no weight_map, which names the shard of each tensor")
	}
	shards := make(map[string][]string)
	for name, shard := range index.WeightMap {
		shards[shard] = append(shards[shard], name)
	}
	var errs []error
	for _, shard := range slices.Sorted(maps.Keys(shards)) {
		slices.Sort(shards[shard])
		errs = append(errs, s.openShard(dir, shard, shards[shard]))
	}
	return errors.Join(errs...)
}

func (s *store) openShard(dir, shard string, names []string) error {
	if !filepath.IsLocal(shard) || filepath.Clean(shard) == "." {
		return errorf(s.path, "the shard %q of tensor %q is no file of this directory", shard, names[0])
	}
	path := filepath.Join(dir, shard)
	if !atomicfile.Exists(path) {
		return errorf(s.path, "the shard %q is missing; copy the whole directory", shard)
	}
	missing, err := s.open(path, names)
	for _, name := range missing {
		err = errors.Join(err, errorf(s.path, "tensor %q is not in %q, which should have it", name, shard))
	}
	return err
}

// orClose is s, or err and s closed.
func (s *store) orClose(err error) (*store, error) {
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *store) close() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
