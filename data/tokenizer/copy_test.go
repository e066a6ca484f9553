package tokenizer

import (
	"os"
	"path/filepath"
	"testing"
)

// A copy has every file of the tokenizer and no other.
func TestCopy(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "new")
	wanted := []string{"tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "spm.model",
		"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"}
	for _, name := range append([]string{"config.json", "model.safetensors"}, wanted...) {
		if err := os.WriteFile(filepath.Join(from, name), []byte("of "+name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := Copy(to, from); err != nil {
		t.Fatal(err)
	}
	for _, name := range wanted {
		if text, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(text) != "of "+name {
			t.Errorf("%s holds %q (%v)", name, text, err)
		}
	}
	if entries, _ := os.ReadDir(to); len(entries) != len(wanted)+1 {
		t.Errorf("%d files, want %d and the manifest", len(entries), len(wanted))
	}
	if err := Copy(from, t.TempDir()); err != nil {
		t.Errorf("of a directory without a tokenizer: %v", err)
	}
}
