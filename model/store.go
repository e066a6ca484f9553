package model

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/internal/safetensors"
)

// store is the open safetensors files of a directory.
type store struct {
	path    string // the file that lists the tensors
	files   []*safetensors.File
	tensors []stored
}

// stored is a tensor of a store.
type stored struct {
	name string
	info safetensors.Info
	file *safetensors.File
	path string
}

// openStore opens the tensors of a Hugging Face directory: model.safetensors, or
// the shards of an index.
func openStore(dir string) (*store, error) {
	single, index := filepath.Join(dir, weightsFile), filepath.Join(dir, indexFile)
	if isThere(single) {
		s := &store{path: single}
		_, err := s.open(single, nil)
		return s.orClose(err)
	}
	if isThere(index) {
		s := &store{path: index}
		return s.orClose(s.openShards(dir))
	}
	if isThere(filepath.Join(dir, "pytorch_model.bin")) {
		return nil, errorf(dir, "has pytorch_model.bin but no model.safetensors; load it in transformers and save it with save_pretrained")
	}
	return nil, errorf(dir, "has no model.safetensors, nor model.safetensors.index.json with its shards")
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// open adds the tensors of a file: all, or those of the given names, of which it
// returns the ones that are not there.
func (s *store) open(path string, names []string) (missing []string, err error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, at(path, err)
	}
	s.files = append(s.files, f)
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
	if !filepath.IsLocal(shard) {
		return errorf(s.path, "the shard %q of tensor %q is no file of this directory", shard, names[0])
	}
	path := filepath.Join(dir, shard)
	if !isThere(path) {
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
