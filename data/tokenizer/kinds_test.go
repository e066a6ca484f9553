package tokenizer

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// kindsFixture is testdata/kinds.json.gz, made by testdata/reference/make.py: what the
// reference makes of texts in each kind of tokenizer.
type kindsFixture struct {
	Texts []string
	Kinds []kind
}

// kind is a directory and what the reference makes of it.
type kind struct {
	Name  string
	Files map[string][]byte
	IDs   [][]int32
	Cut   []cutPair
	Real  map[string][]string // digests of the ids of real texts, by file

	Length int // model_max_length, as transformers reads it
}

// cutPair is a pair, cut to so many ids.
type cutPair struct {
	a, b, length int
	ids, types   []int32
}

func (c *cutPair) UnmarshalJSON(content []byte) error {
	return json.Unmarshal(content, &[]any{&c.a, &c.b, &c.length, &c.ids, &c.types})
}

func readKinds(t testing.TB) (fix kindsFixture) {
	t.Helper()
	f, err := os.Open("testdata/kinds.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(&fix); err != nil {
		t.Fatal(err)
	}
	if len(fix.Texts) < 300 || len(fix.Kinds) < 50 {
		t.Fatalf("%d texts and %d kinds, want 300 and 50 or more", len(fix.Texts), len(fix.Kinds))
	}
	return fix
}

// load writes the files of a kind and loads them.
func (k *kind) load(t testing.TB) Tokenizer {
	t.Helper()
	dir := t.TempDir()
	for name, content := range k.Files {
		write(t, dir, name, string(content))
	}
	tok, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// TestKinds compares every text's ids, and the pairs', with the reference's, in every
// kind as it is and once it is saved and loaded again.
func TestKinds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	fix := readKinds(t)
	for _, k := range fix.Kinds {
		t.Run(k.Name, func(t *testing.T) {
			tok := k.load(t)
			k.compare(t, tok, fix.Texts)
			dir := t.TempDir()
			if err := tok.SaveFor(dir, 40); err != nil {
				t.Fatal(err)
			}
			again, err := Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			if again.Size() != tok.Size() || again.Pad() != tok.Pad() {
				t.Errorf("once saved it has %d ids and padding %d, want %d and %d", again.Size(), again.Pad(), tok.Size(), tok.Pad())
			}
			k.compare(t, again, fix.Texts)
		})
	}
}

func (k *kind) compare(t *testing.T, tok Tokenizer, texts []string) {
	t.Helper()
	wrong := 0
	for i, text := range texts {
		if got := tok.Encode(text, 0).IDs; !slices.Equal(got, k.IDs[i]) {
			if wrong++; wrong < 5 {
				t.Errorf("%+q\n got  %v %q\n want %v %q", text, got, tokensOf(tok, got), k.IDs[i], tokensOf(tok, k.IDs[i]))
			}
		}
	}
	for _, c := range k.Cut {
		got := tok.EncodePair(texts[c.a], texts[c.b], c.length)
		if !slices.Equal(got.IDs, c.ids) || !slices.Equal(got.Types, c.types) {
			if wrong++; wrong < 5 {
				t.Errorf("%+q and %+q cut to %d:\n got  %v %v\n want %v %v", texts[c.a], texts[c.b], c.length, got.IDs, got.Types, c.ids, c.types)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d texts and %d pairs differ", wrong, len(texts), len(k.Cut))
	}
}

func tokensOf(tok Tokenizer, ids []int32) (out []string) {
	for _, id := range ids {
		out = append(out, tok.Token(id))
	}
	return out
}

// TestReference has a Python with the reference make larger vocabularies, and compares
// 10,000 odd strings and, with POWERBERT_DATA, every real text that is there: the better
// part of an hour, so that go test needs a -timeout.
func TestReference(t *testing.T) {
	python := os.Getenv("POWERBERT_PYTHON")
	if python == "" {
		t.Skip("POWERBERT_PYTHON names no Python with internal/oracles/requirements.txt: nothing to compare with")
	}
	dir, data := t.TempDir(), os.Getenv("POWERBERT_DATA")
	args := []string{"testdata/reference/make.py", "--large", dir}
	if data != "" {
		args = append(args, data)
	}
	if out, err := exec.Command(python, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var report kindsFixture
	if err := json.Unmarshal(readAll(t, filepath.Join(dir, "report.json")), &report); err != nil {
		t.Fatal(err)
	}
	real := map[string][]string{}
	for _, k := range report.Kinds {
		t.Run(k.Name, func(t *testing.T) {
			tok, err := Load(filepath.Join(dir, k.Name))
			if err != nil {
				t.Fatal(err)
			}
			k.compare(t, tok, report.Texts)
			for name, want := range k.Real {
				if real[name] == nil {
					real[name] = linesOf(t, filepath.Join(data, name))
				}
				compareBlocks(t, tok, name, real[name], want)
			}
		})
	}
}

// TestOracleReads has transformers read what is saved of every kind: to the same ids,
// with the length and the types of a pair.
func TestOracleReads(t *testing.T) {
	python := os.Getenv("POWERBERT_PYTHON")
	if python == "" {
		t.Skip("POWERBERT_PYTHON names no Python with internal/oracles/requirements.txt: nothing to read what is saved")
	}
	fix, dir := readKinds(t), t.TempDir()
	saved := map[string]Tokenizer{}
	for _, k := range fix.Kinds {
		saved[k.Name] = k.load(t)
		if err := saved[k.Name].SaveFor(filepath.Join(dir, k.Name), 40); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(python, "testdata/reference/make.py", "--read", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var report kindsFixture
	if err := json.Unmarshal(readAll(t, filepath.Join(dir, "read.json")), &report); err != nil {
		t.Fatal(err)
	}
	for _, k := range report.Kinds {
		t.Run(k.Name, func(t *testing.T) {
			k.compare(t, saved[k.Name], fix.Texts)
			if k.Length != 40 {
				t.Errorf("model_max_length is read as %d, want 40", k.Length)
			}
		})
	}
}

// linesOf are the lines of a file, which may be compressed.
func linesOf(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(content), "\n")
}

// block is how many lines a digest is of.
const block = 1000

func compareBlocks(t *testing.T, tok Tokenizer, name string, lines, want []string) {
	t.Helper()
	if (len(lines)+block-1)/block != len(want) {
		t.Fatalf("%s: %d lines, but %d digests of %d each", name, len(lines), len(want), block)
	}
	for i, digest := range want {
		hash := sha256.New()
		for _, line := range lines[i*block : min((i+1)*block, len(lines))] {
			ids := tok.Encode(line, 0).IDs
			row := binary.LittleEndian.AppendUint32(nil, uint32(len(ids)))
			row, _ = binary.Append(row, binary.LittleEndian, ids)
			hash.Write(row)
		}
		if got := hex.EncodeToString(hash.Sum(nil))[:16]; got != digest {
			t.Errorf("%s: ids of lines %d to %d differ from the reference's", name, i*block+1, (i+1)*block)
		}
	}
}
