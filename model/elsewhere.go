package model

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/model/arch"
)

// elsewhere says where a model is that a directory lacks, or what the directory has in its
// place; nil where it looks like nothing that is known.
func elsewhere(dir string) error {
	if !atomicfile.Exists(dir) {
		return errorf(dir, "no such directory, want one with config.json, weights and vocabulary")
	}
	if err := CheckDir(dir); err != nil {
		return err
	}
	if atomicfile.Exists(filepath.Join(dir, adapterFile)) {
		return anAdapter(dir)
	}
	for _, part := range append(sentenceParts(dir), "0_Transformer", "0_BERT") {
		if part != "" && atomicfile.Exists(filepath.Join(dir, part, configFile)) {
			return errorf(dir, "is a model of sentence-transformers, which has its encoder in %s; name that folder", filepath.Join(dir, part))
		}
	}
	return nil
}

// modulesFile is what sentence-transformers lists the modules of a model in.
const modulesFile = "modules.json"

// sentenceParts lists the folders of the encoders of sentence-transformers' model in a
// directory; "" is the directory itself.
func sentenceParts(dir string) (parts []string) {
	var modules []struct{ Path, Type string }
	_ = readJSON(filepath.Join(dir, modulesFile), &modules) // what is not there lists none
	for _, m := range modules {
		if strings.HasSuffix(m.Type, ".Transformer") && filepath.IsLocal(cmp.Or(m.Path, ".")) {
			parts = append(parts, m.Path)
		}
	}
	return parts
}

// lengthFile is what sentence-transformers says how an encoder is used in.
const lengthFile = "sentence_bert_config.json"

// MeantLength returns how many tokens of a text the model of a directory is meant to read,
// where nobody says so: max_seq_length of sentence-transformers, if the directory is of
// those, and as many as the model has positions at most. 0: nothing says it.
func MeantLength(dir string, c *arch.Config) (int, error) {
	var used struct {
		Length *int `json:"max_seq_length"`
	}
	path := filepath.Join(dir, lengthFile)
	if err := readJSON(path, &used); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	if used.Length == nil { // as many as there are positions
		return 0, nil
	}
	if *used.Length < leastTokens {
		return 0, errorf(path, "max_seq_length is %d, want %d or more", *used.Length, leastTokens)
	}
	return min(*used.Length, c.Longest()), nil
}

// leastTokens is what a text and the pieces around it take.
const leastTokens = 3

// adapterFile is what PEFT describes an adapter by.
const adapterFile = "adapter_config.json"

// anAdapter says that a directory has an adapter alone, and of which model.
func anAdapter(dir string) error {
	var adapter struct {
		Base string `json:"base_model_name_or_path"`
	}
	_ = readJSON(filepath.Join(dir, adapterFile), &adapter) // its name is worth saying, if it has one
	return errorf(dir, "has an adapter of PEFT (%s) without the model that it changes, %s; join the two by merge_and_unload and save that", adapterFile, cmp.Or(adapter.Base, "which it does not name"))
}

// lost says what a directory without weights has in their place.
func lost(dir string) error {
	entries, _ := os.ReadDir(dir) // what cannot be listed has none of these
	for _, f := range formats {
		extension := filepath.Ext(f.single)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), strings.TrimSuffix(f.single, extension)+"-") && strings.HasSuffix(e.Name(), extension) {
				return errorf(dir, "has shards, as %s, but not %s, which says what is in each; copy the whole directory", e.Name(), f.index)
			}
		}
	}
	if atomicfile.Exists(filepath.Join(dir, adapterFile)) {
		return anAdapter(dir)
	}
	return errorf(dir, "has no model.safetensors or pytorch_model.bin, nor an index of shards of either")
}
