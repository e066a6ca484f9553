package model

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/internal/safetensors"
	"github.com/powerbert/powerbert/model/arch"
)

// The files of a Hugging Face directory.
const (
	configFile  = "config.json"
	weightsFile = "model.safetensors"
	indexFile   = "model.safetensors.index.json"
)

// Save writes c and p as a Hugging Face directory, which it makes if need be:
// model.safetensors, in the precision of T, and config.json. Each replaces its
// old version whole. transformers loads the directory as the class that
// Config.Architecture names. Of a model that takes word-vectors out it does so by a
// modelling file, which stands beside, if it is told to trust it, and else not at all. The
// manifest beside them, of package internal/manifest, tells Load later that they are as
// they were written.
func Save[T kernel.Float](dir string, c arch.Config, p *Params[T]) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	tensors := make([]NamedTensor, len(p.tensors))
	for i, t := range p.tensors {
		tensors[i] = NamedTensor{Name: t.Name, Shape: t.Shape, Data: p.arena[t.Offset : t.Offset+t.Size]}
	}
	// transformers refuses a file without this format.
	metadata := map[string]string{"format": "pt"}
	c = saved[T](c)
	if c.PowerRetention == nil || modellingOf(&c) == nil {
		return save(dir, c, weightsFile, metadata, tensors, nil)
	}
	code, err := modelling(&c)
	if err != nil {
		return err
	}
	if c.Extra["auto_map"], err = json.Marshal(autoMap(&c)); err != nil {
		return err
	}
	return save(dir, c, weightsFile, metadata, tensors, map[string][]byte{modellingFile(&c): code})
}

// save replaces config.json, a file of tensors and what stands beside them by name, and
// lists all in the manifest.
func save(dir string, c arch.Config, name string, metadata map[string]string, tensors []NamedTensor, beside map[string][]byte) error {
	text, err := configText(c)
	if err != nil {
		return err
	}
	names := append(slices.Sorted(maps.Keys(beside)), name, configFile)
	return manifest.Update(dir, names, func() error {
		for _, name := range names[:len(beside)] {
			if err := atomicfile.Write(filepath.Join(dir, name), beside[name]); err != nil {
				return err
			}
		}
		if err := writeTensors(filepath.Join(dir, name), metadata, tensors); err != nil {
			return err
		}
		return atomicfile.Write(filepath.Join(dir, configFile), text)
	})
}

// SetTemperature writes the temperature that the logits of a directory's model are divided
// by where it is used into its config.json.
func SetTemperature(dir string, temperature float64) error {
	c, err := ReadConfig(dir)
	if err != nil {
		return err
	}
	c.Temperature = temperature
	text, err := configText(c)
	if err != nil {
		return err
	}
	return manifest.Write(ConfigFile(dir), text)
}

// SaveConfig writes config.json alone, of float32 weights that stand elsewhere.
func SaveConfig(dir string, c arch.Config) error {
	text, err := configText(saved[float32](c))
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, configFile), text)
}

// configText is config.json of a configuration.
func configText(c arch.Config) ([]byte, error) {
	text, err := json.MarshalIndent(c, "", "  ")
	return append(text, '\n'), err
}

// RemoveWeights removes the weights that Save wrote into a directory, if they are there.
func RemoveWeights(dir string) error {
	return manifest.Update(dir, []string{weightsFile}, func() error { return atomicfile.Remove(filepath.Join(dir, weightsFile)) })
}

// saved is c with the keys that say what Save writes.
func saved[T kernel.Float](c arch.Config) arch.Config {
	c = c.Clone()
	c.Architectures = []string{c.Architecture()}
	if c.Extra == nil {
		c.Extra = make(map[string]json.RawMessage)
	}
	if string(c.Extra["tie_word_embeddings"]) == "false" {
		delete(c.Extra, "tie_word_embeddings") // they are tied now, as where nothing is said
	}
	delete(c.Extra, "auto_map") // code that is not there
	delete(c.Extra, "dtype")    // newer than torch_dtype, with the same meaning
	c.Extra["torch_dtype"] = json.RawMessage(`"float32"`)
	if _, double := any(T(0)).(float64); double {
		c.Extra["torch_dtype"] = json.RawMessage(`"float64"`)
	}
	return c
}

// NamedTensor is a tensor in memory: name, shape, and data that is a []float32,
// []float64 or []int64.
type NamedTensor = safetensors.Tensor

// WriteTensors replaces the file at path with tensors in the safetensors format,
// from where they lie, and lists it in the manifest of its folder.
func WriteTensors(path string, tensors []NamedTensor) error {
	return manifest.Update(filepath.Dir(path), []string{filepath.Base(path)}, func() error { return writeTensors(path, nil, tensors) })
}

func writeTensors(path string, metadata map[string]string, tensors []NamedTensor) error {
	return atomicfile.WriteWith(path, func(w io.Writer) error {
		return safetensors.Write(w, metadata, tensors)
	})
}

// ReadTensors reads all tensors of a safetensors file, in the order of the file.
// Halves are widened to float32. The file must be what the manifest of its folder says.
func ReadTensors(path string) ([]NamedTensor, error) {
	f, err := openChecked(path)
	if err != nil {
		return nil, at(path, err)
	}
	defer f.Close()
	tensors, err := f.ReadAll()
	return tensors, at(path, cmp.Or(err, f.Verify()))
}
