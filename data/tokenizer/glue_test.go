package tokenizer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// glueDigest is what the reference makes of one file of GLUE; it holds nothing
// of the file (testdata/fixtures/glue.js).
type glueDigest struct {
	File    string
	Columns []int
	Length  int
	Cased   bool
	Lines   int
	IDs     int
	SHA256  string
}

// TestGLUE compares the ids of all of SST-2 and CoLA, and of the pairs of other
// tasks, with the reference's under the published vocabulary.
func TestGLUE(t *testing.T) {
	dir := os.Getenv("POWERBERT_DATA")
	if dir == "" {
		t.Skip("POWERBERT_DATA is not set: no GLUE files and no published vocabulary to compare on")
	}
	content, err := os.ReadFile("testdata/glue.json")
	if err != nil {
		t.Fatal(err)
	}
	var digests []glueDigest
	if err := json.Unmarshal(content, &digests); err != nil {
		t.Fatal(err)
	}
	uncased, cased := published(t, dir)
	for _, want := range digests {
		t.Run(fmt.Sprintf("%s/%d/cased=%v", want.File, want.Length, want.Cased), func(t *testing.T) {
			t.Parallel()
			w := uncased
			if want.Cased {
				w = cased
			}
			got := want
			got.digest(t, w, filepath.Join(dir, "data", "glue", want.File))
			if got.Lines != want.Lines || got.IDs != want.IDs || got.SHA256 != want.SHA256 {
				t.Errorf("%d lines, %d ids, %s\nwant %d lines, %d ids, %s", got.Lines, got.IDs, got.SHA256, want.Lines, want.IDs, want.SHA256)
			}
		})
	}
}

// published loads bert-base-uncased, from tokenizer.json as it is and from
// vocab.txt with its case kept.
func published(t testing.TB, data string) (uncased, cased *WordPiece) {
	t.Helper()
	dir := filepath.Join(data, "tokenizers", "bert-base-uncased")
	uncased, err := loadWordPiece(dir)
	if err != nil {
		t.Fatal(err)
	}
	cased, err = LoadVocab(filepath.Join(dir, vocabName), Options{Cased: true})
	if err != nil {
		t.Fatal(err)
	}
	return uncased, cased
}

// digest encodes the columns of each line of a file.
func (d *glueDigest) digest(t *testing.T, w Tokenizer, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not there", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	hash := sha256.New()
	d.Lines, d.IDs = len(lines), 0
	for _, line := range lines {
		ids := d.encode(w, strings.Split(line, "\t")).IDs
		row := binary.LittleEndian.AppendUint32(nil, uint32(len(ids)))
		row, _ = binary.Append(row, binary.LittleEndian, ids)
		hash.Write(row)
		d.IDs += len(ids)
	}
	d.SHA256 = hex.EncodeToString(hash.Sum(nil))
}

func (d *glueDigest) encode(w Tokenizer, cells []string) Encoding {
	var texts [2]string
	for i, c := range d.Columns {
		if c < len(cells) {
			texts[i] = cells[c]
		}
	}
	if len(d.Columns) == 1 {
		return w.Encode(texts[0], d.Length)
	}
	return w.EncodePair(texts[0], texts[1], d.Length)
}

// BenchmarkSST2 encodes the 67,349 training sentences on one goroutine.
func BenchmarkSST2(b *testing.B) {
	dir := os.Getenv("POWERBERT_DATA")
	if dir == "" {
		b.Skip("POWERBERT_DATA is not set")
	}
	content, err := os.ReadFile(filepath.Join(dir, "data", "glue", "SST-2", "train.tsv"))
	if err != nil {
		b.Fatal(err)
	}
	w, _ := published(b, dir)
	lines := strings.Split(string(content), "\n")
	b.ReportAllocs()
	for b.Loop() {
		for _, line := range lines {
			text, _, _ := strings.Cut(line, "\t")
			w.Encode(text, 64)
		}
	}
}
