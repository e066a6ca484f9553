package infer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/extraction.json anew, by testdata/fixtures.sh")

const fixturesFile = "testdata/extraction.json"

// fixtures is what transformers said of small models that take word-vectors out.
type fixtures struct {
	Modelling map[string]string    `json:"modelling"` // SHA-256 of the modelling files that it ran, by name
	Logits    map[string][]float32 `json:"logits"`    // of each model's texts, one by one
}

// add notes what was said of a model's texts, alone.
func (f *fixtures) add(t *testing.T, s small, dir string, said modelled) {
	t.Helper()
	name, digest := modellingDigest(t, dir)
	f.Modelling[name] = digest
	rows := slices.Concat(said.Right...)
	for _, v := range rows[:len(rows)/len(ways)] {
		f.Logits[s.String()] = append(f.Logits[s.String()], float32(v))
	}
}

// write writes the file.
func (f *fixtures) write(t *testing.T) {
	t.Helper()
	text, err := json.MarshalIndent(f, "", " ")
	if err == nil {
		err = os.WriteFile(fixturesFile, append(text, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// modellingDigest is the name of the modelling file of a directory, and its SHA-256.
func modellingDigest(t *testing.T, dir string) (name, digest string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "modeling_*.py"))
	if err != nil || len(files) != 1 {
		t.Fatalf("modelling files %q, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	return filepath.Base(files[0]), hex.EncodeToString(sum[:])
}

// This package says what transformers said by the modelling files as they are: without
// Python what TestOracleOfExtraction asks.
func TestExtractionIsTransformers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var f fixtures
	text, err := os.ReadFile(fixturesFile)
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range smalls() {
		dir := s.save(t)
		if name, digest := modellingDigest(t, dir); f.Modelling[name] != digest {
			t.Errorf("%s: %s is not what transformers ran; run testdata/fixtures.sh", s, name)
		}
		m, err := Open(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		want, got := f.Logits[s.String()], logits(t, m, s.texts(t, m))
		if len(got) != len(want) {
			t.Fatalf("%s: %d logits, transformers made %d; run testdata/fixtures.sh", s, len(got), len(want))
		}
		for i := range want {
			if !(math.Abs(float64(got[i]-want[i])) <= 1e-4) {
				t.Errorf("%s: logit %d is %v, transformers made %v", s, i, got[i], want[i])
			}
		}
	}
}
