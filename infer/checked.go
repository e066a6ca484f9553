package infer

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/internal/onnx"
	"github.com/powerbert/powerbert/model"
)

// A Checked is what Export made sure of, by reading the file back. It does not run it.
type Checked struct {
	onnx.Checked
	Pieces int `json:"pieces"` // of the tokenizer, all of which have an embedding
}

// check reads what was written, and holds it against what was meant.
func (x *Exported) check(metadata map[string]string, tok tokenizer.Tokenizer) error {
	content, err := os.ReadFile(x.File)
	if err != nil {
		return err
	}
	found, err := onnx.Check(content)
	if err != nil {
		return &model.Error{Path: x.File, Err: err}
	}
	for _, list := range []struct {
		name       string
		got, meant []string
	}{{"inputs", found.Inputs, x.Inputs}, {"outputs", found.Outputs, x.Outputs}, {"metadata", found.Metadata, slices.Sorted(maps.Keys(metadata))}} {
		if !slices.Equal(list.got, list.meant) {
			return &model.Error{Path: x.File, Err: fmt.Errorf("the %s are %q, want %q", list.name, list.got, list.meant)}
		}
	}
	x.Checked = &Checked{*found, tok.Size()}
	return nil
}
