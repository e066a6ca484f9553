package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// vocabularies are the files of which a tokenizer needs one, and tokenizerFiles all that
// it may have.
var (
	vocabularies   = []string{"vocab.txt", "tokenizer.json", "spiece.model", "vocab.json", "sentencepiece.bpe.model", "spm.model"}
	tokenizerFiles = append([]string{"merges.txt", "tokenizer_config.json", "added_tokens.json", "special_tokens_map.json"}, vocabularies...)
)

const configFile = "config.json"

// lengthFile is where sentence-transformers says how long texts may be.
const lengthFile = "sentence_bert_config.json"

// weightFiles are the forms of weights, the best first; an index lists shards.
var weightFiles = []struct {
	name  string
	index bool
}{
	{"model.safetensors", false}, {"model.safetensors.index.json", true},
	{"pytorch_model.bin", false}, {"pytorch_model.bin.index.json", true},
}

// getTokenizer gets the files of the tokenizer, and notes which there are not.
func (r *repo) getTokenizer(commit string, files map[string]bool, get func(string) error) error {
	for _, name := range tokenizerFiles {
		do := get
		if !files[name] {
			do = func(name string) error { return r.noteAbsent(commit, name) }
		}
		if err := do(name); err != nil {
			return err
		}
	}
	return nil
}

// getModel gets the configuration and the weights in their best form.
func (r *repo) getModel(dir string, files map[string]bool, get func(string) error) error {
	if !files[configFile] {
		return r.errorf("has no config.json, so transformers does not load it either")
	}
	for _, name := range []string{configFile, lengthFile} {
		if !files[name] {
			continue
		}
		if err := get(name); err != nil {
			return err
		}
	}
	for _, w := range weightFiles {
		if !files[w.name] {
			continue
		}
		if err := get(w.name); err != nil || !w.index {
			return err
		}
		shards, err := shardsOf(filepath.Join(dir, w.name))
		if err != nil {
			return &Error{r.String(), err}
		}
		for _, shard := range shards {
			if !files[shard] {
				return r.errorf("%s names the shard %q, which the repository has not", w.name, shard)
			}
			if err := get(shard); err != nil {
				return err
			}
		}
		return nil
	}
	return r.errorf("has neither model.safetensors nor pytorch_model.bin, nor shards of either; weights of other frameworks are not read")
}

// shardsOf are the files that an index names.
func shardsOf(index string) ([]string, error) {
	text, err := os.ReadFile(index)
	if err != nil {
		return nil, err
	}
	var content struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(text, &content); err != nil {
		return nil, fmt.Errorf("%s: %w", index, err)
	}
	return slices.Compact(slices.Sorted(maps.Values(content.WeightMap))), nil
}

// lacks says what a snapshot has not of the parts, as an *Error; nil if it has them.
func (r *repo) lacks(dir string, parts Parts) error {
	has := func(name string) bool {
		s, err := os.Stat(filepath.Join(dir, name)) // of a blob, through the link
		if err != nil {
			return !errors.Is(err, fs.ErrNotExist)
		}
		return s.Mode().IsRegular()
	}
	if parts&Tokenizer != 0 && !slices.ContainsFunc(vocabularies, has) {
		return r.errorf("has none of %s; give tokenizer.vocab those of another model", strings.Join(vocabularies, ", "))
	}
	if parts&Weights != 0 && !(has(configFile) && hasWeights(dir, has)) {
		return r.errorf("has no config.json with weights")
	}
	return nil
}

// hasWeights tells whether a snapshot has weights in any form, with every shard.
func hasWeights(dir string, has func(string) bool) bool {
	for _, w := range weightFiles {
		if !has(w.name) {
			continue
		}
		if !w.index {
			return true
		}
		shards, err := shardsOf(filepath.Join(dir, w.name))
		if err == nil && !slices.ContainsFunc(shards, func(s string) bool { return !has(s) }) {
			return true
		}
	}
	return false
}
