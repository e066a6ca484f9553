package model

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever an index says, loading ends with a model or an error that names a file
// of the directory, and reads no file outside it.
func FuzzIndex(f *testing.F) {
	files := sharded(checkpoint(2, "F32"), 2)
	index := files[indexFile]
	f.Add([]byte(index))
	f.Add([]byte(index[:len(index)/2]))
	for _, other := range []string{"../outside", "/etc/hosts", "", ".", "config.json", indexFile, "model.safetensors\x00", "none"} {
		text, err := json.Marshal(map[string]any{"weight_map": map[string]string{"bert.pooler.dense.bias": other}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := filepath.Join(t.TempDir(), "model")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, content := range with(files, map[string]string{indexFile: string(text)}) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		l, err := Load[float32](dir, LoadOptions{})
		if err == nil && l == nil {
			t.Fatal("neither a model nor an error")
		}
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, dir+string(filepath.Separator)) {
					t.Errorf("%q names no file of the directory", line)
				}
			}
		}
	})
}
