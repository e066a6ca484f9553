package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/manifest"
)

// TestSaveLoads saves each variant of the fixture and loads it again, from the
// whole directory and, where vocab.txt and tokenizer_config.json say all there
// is to say, from those two.
func TestSaveLoads(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	fix := readFixture(t)
	plain := []string{"uncased", "cased", "uncased-accents", "cased-stripped"}
	for _, v := range fix.Variants {
		t.Run(v.Name, func(t *testing.T) {
			w, dir := v.load(t, fix.Vocab), filepath.Join(t.TempDir(), "new", "dir")
			if err := w.Save(dir); err != nil {
				t.Fatal(err)
			}
			sameIDs(t, w, dir, fix.Texts)
			if !slices.Contains(plain, v.Name) {
				return
			}
			if err := os.Remove(filepath.Join(dir, jsonName)); err != nil {
				t.Fatal(err)
			}
			sameIDs(t, w, dir, fix.Texts)
		})
	}
}

func sameIDs(t *testing.T, w *WordPiece, dir string, texts []string) {
	t.Helper()
	again, err := loadWordPiece(dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.Size() != w.Size() {
		t.Fatalf("size %d, want %d", again.Size(), w.Size())
	}
	for _, text := range texts {
		if got, want := again.Encode(text, 0).IDs, w.Encode(text, 0).IDs; !slices.Equal(got, want) {
			t.Errorf("%+q: ids %v, want %v", text, got, want)
		}
	}
}

// TestSaveJSON: a saved tokenizer.json equals the one that was loaded, which the
// reference has read, so it reads what we write.
func TestSaveJSON(t *testing.T) {
	fix := readFixture(t)
	for _, v := range fix.Variants {
		t.Run(v.Name, func(t *testing.T) {
			w, dir := v.load(t, fix.Vocab), t.TempDir()
			if err := w.Save(dir); err != nil {
				t.Fatal(err)
			}
			got, want := generic(t, readAll(t, filepath.Join(dir, jsonName))), generic(t, v.json(t, fix.Vocab))
			if want["post_processor"].(map[string]any)["type"] == "BertProcessing" {
				delete(want, "post_processor") // written as a template, which is the same
				delete(got, "post_processor")
			}
			for key := range want {
				if !reflect.DeepEqual(got[key], want[key]) {
					t.Errorf("%s differs", key)
				}
			}
		})
	}
}

func generic(t *testing.T, content []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(content, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func readAll(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestSaveFiles: exactly three files, the vocabulary as it was given, and the
// settings that transformers reads.
func TestSaveFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, jsonName, "an older one")
	if err := mustNew(t, small, Options{Cased: true}).Save(dir); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 4 {
		t.Fatalf("%v, %v, want %s, %s, %s and %s", entries, err, manifest.Name, vocabName, configName, jsonName)
	}
	if got, want := string(readAll(t, filepath.Join(dir, vocabName))), string(writeVocab(small)); got != want {
		t.Errorf("vocab.txt is %q, want %q", got, want)
	}
	config := generic(t, readAll(t, filepath.Join(dir, configName)))
	for key, want := range map[string]any{
		"tokenizer_class": "BertTokenizer", "do_lower_case": false, "strip_accents": nil,
		"tokenize_chinese_chars": true, "pad_token": "[PAD]", "mask_token": "[MASK]",
	} {
		if got, ok := config[key]; !ok || got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
}

// TestSaveAdded: transformers takes an added token's id from its key and
// nothing but AddedToken's own fields in its value.
func TestSaveAdded(t *testing.T) {
	dir := t.TempDir()
	added := []AddedToken{{ID: 13, Content: "<x>", LStrip: true, Special: true}}
	if err := mustNew(t, small, Options{Added: added}).Save(dir); err != nil {
		t.Fatal(err)
	}
	config := generic(t, readAll(t, filepath.Join(dir, configName)))
	want := map[string]any{"13": map[string]any{
		"content": "<x>", "single_word": false, "lstrip": true, "rstrip": false, "normalized": false, "special": true}}
	if got := config["added_tokens_decoder"]; !reflect.DeepEqual(got, want) {
		t.Errorf("added tokens %v, want %v", got, want)
	}
}

func TestSaveErrors(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "file", "")
	w := mustNew(t, small, Options{})
	if err := w.Save(filepath.Join(file, "below")); err == nil {
		t.Error("saved below a file")
	}
	taken := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, vocabName, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := w.Save(taken); err == nil {
		t.Error("saved over a directory")
	}
	if entries, _ := os.ReadDir(taken); len(entries) != 1 {
		t.Errorf("%v left behind", entries)
	}
}
