package model

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/kernel"
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
// Config.Architecture names, and runs it dense.
func Save[T kernel.Float](dir string, c arch.Config, p *Params[T]) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	tensors := make([]NamedTensor, len(p.tensors))
	for i, t := range p.tensors {
		tensors[i] = NamedTensor{Name: t.Name, Shape: t.Shape, Data: p.arena[t.Offset : t.Offset+t.Size]}
	}
	// transformers refuses a file without this format.
	if err := writeTensors(filepath.Join(dir, weightsFile), map[string]string{"format": "pt"}, tensors); err != nil {
		return err
	}
	return saveConfig[T](dir, c)
}

// saveConfig replaces config.json.
func saveConfig[T kernel.Float](dir string, c arch.Config) error {
	return writeConfig(dir, saved[T](c))
}

func writeConfig(dir string, c arch.Config) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, configFile), append(text, '\n'))
}

// SetTemperature writes the temperature that the logits of a directory's model are divided
// by where it is used into its config.json.
func SetTemperature(dir string, temperature float64) error {
	c, err := ReadConfig(ConfigFile(dir))
	if err != nil {
		return err
	}
	c.Temperature = temperature
	return writeConfig(dir, c)
}

// RemoveWeights removes the weights that Save wrote into a directory, if they are there.
func RemoveWeights(dir string) error {
	err := os.Remove(filepath.Join(dir, weightsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
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
	delete(c.Extra, "dtype") // newer than torch_dtype, with the same meaning
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
// from where they lie.
func WriteTensors(path string, tensors []NamedTensor) error {
	return writeTensors(path, nil, tensors)
}

func writeTensors(path string, metadata map[string]string, tensors []NamedTensor) error {
	return atomicfile.WriteWith(path, func(w io.Writer) error {
		return safetensors.Write(w, metadata, tensors)
	})
}

// ReadTensors reads all tensors of a safetensors file, in the order of the file.
// Halves are widened to float32.
func ReadTensors(path string) ([]NamedTensor, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, at(path, err)
	}
	defer f.Close()
	tensors, err := f.ReadAll()
	return tensors, at(path, err)
}
