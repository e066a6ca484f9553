package model

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// A configuration that passes its checks makes a layout of the size that was
// checked, has a cost, and survives being written, elimination and all.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(baseUncased))
	for _, c := range badConfigs {
		f.Add([]byte(c.text))
	}
	small := `"vocab_size":9,"hidden_size":4,"num_attention_heads":2,"num_hidden_layers":2,"intermediate_size":5,"max_position_embeddings":8`
	f.Add([]byte(`{` + small + `,"power_retention":{"max_length":8,"ranks":"relative","retention":[5,1],"pad_queries_vote":true}}`))
	f.Add([]byte(`{` + small + `,"power_retention":{"max_length":8,"ranks":"absolute","retention":[5,9,1]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var c Config
		if json.Unmarshal(text, &c) != nil || c.Validate() != nil {
			return
		}
		tensors := layout(&c)
		if last := tensors[len(tensors)-1]; float64(last.Offset+last.Size) > 2*maxParams || len(c.Labels()) != c.NumLabels() {
			t.Fatalf("valid configuration of %d parameters, %d labels", last.Offset+last.Size, c.NumLabels())
		}
		written, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var again Config
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatal(err)
		}
		if err := again.Validate(); err != nil {
			t.Fatalf("written as %s: %v", written, err)
		}
		e, back := c.Elimination(), again.Elimination()
		n := min(c.MaxPositionEmbeddings, 7)
		if cost := c.Cost(Executed, &e, n, n); !reflect.DeepEqual(e, back) || cost <= 0 || again.Cost(Executed, &back, n, n) != cost {
			t.Fatalf("elimination %+v, cost %d; written and read %+v", e, cost, back)
		}
	})
}

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
