package tokenizer

import (
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// fixture is testdata/strings.json.gz, made by testdata/fixtures/make.js with
// the tokenizers package of Hugging Face.
type fixture struct {
	Vocab    []string
	Texts    []string
	Variants []variant
}

// variant is one tokenizer.json without its vocabulary, and what the reference
// gives with it.
type variant struct {
	Name      string
	Tokenizer map[string]any
	IDs       []ids
	Cut       []cut
}

// ids are a text's; nil means the same as in the first variant.
type ids []int32

func (v *ids) UnmarshalJSON(content []byte) error {
	if string(content) == "0" {
		return nil
	}
	return json.Unmarshal(content, (*[]int32)(v))
}

// cut is one truncated encoding.
type cut struct {
	text, pair, length int // indices of texts; pair is -1 if there is none
	ids                []int32
	second             int // index of the first id of type 1
}

func (c *cut) UnmarshalJSON(content []byte) error {
	return json.Unmarshal(content, &[]any{&c.text, &c.pair, &c.length, &c.ids, &c.second})
}

// readOnce reads the fixture for all tests, which leave it as it is.
var readOnce = sync.OnceValues(func() (fix fixture, err error) {
	f, err := os.Open("testdata/strings.json.gz")
	if err != nil {
		return fix, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fix, err
	}
	return fix, json.NewDecoder(z).Decode(&fix)
})

func readFixture(t testing.TB) fixture {
	t.Helper()
	fix, err := readOnce()
	if err != nil {
		t.Fatal(err)
	}
	return fix
}

// load writes the variant's tokenizer.json and loads it.
func (v variant) load(t testing.TB, vocab []string) *WordPiece {
	t.Helper()
	path := filepath.Join(t.TempDir(), jsonName)
	if err := os.WriteFile(path, v.json(t, vocab), 0o644); err != nil {
		t.Fatal(err)
	}
	w, err := loadWordPiece(path)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// json is the variant's tokenizer.json with its vocabulary in it.
func (v variant) json(t testing.TB, vocab []string) []byte {
	t.Helper()
	model := maps.Clone(v.Tokenizer["model"].(map[string]any))
	vocab = slices.Clone(vocab)
	for i, piece := range vocab {
		if tail, ok := strings.CutPrefix(piece, "##"); ok {
			vocab[i] = model["continuing_subword_prefix"].(string) + tail
		}
	}
	model["vocab"] = listed(vocab)
	whole := maps.Clone(v.Tokenizer)
	whole["model"] = model
	content, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestStrings compares every string's ids with the reference's.
func TestStrings(t *testing.T) {
	fix := readFixture(t)
	if len(fix.Texts) < 5000 {
		t.Fatalf("%d strings, want 5000 or more", len(fix.Texts))
	}
	for _, v := range fix.Variants {
		t.Run(v.Name, func(t *testing.T) {
			w := v.load(t, fix.Vocab)
			for i, text := range fix.Texts {
				want := v.IDs[i]
				if want == nil {
					want = fix.Variants[0].IDs[i]
				}
				if got := w.Encode(text, 0).IDs; !slices.Equal(got, want) {
					t.Errorf("%+q\n got  %v %q\n want %v %q", text, got, w.tokensOf(got), want, w.tokensOf(want))
				}
			}
		})
	}
}

// TestCut compares truncated texts and pairs with the reference's.
func TestCut(t *testing.T) {
	fix := readFixture(t)
	for _, v := range fix.Variants {
		checkCuts(t, v.Name, v.load(t, fix.Vocab), fix.Texts, v.Cut)
	}
}

// checkCuts compares truncated texts and pairs of a tokenizer with the reference's.
func checkCuts(t *testing.T, name string, w Tokenizer, texts []string, cuts []cut) {
	t.Helper()
	for _, c := range cuts {
		got, whole := w.Encode(texts[c.text], c.length), w.Encode(texts[c.text], 0)
		if c.pair >= 0 {
			got = w.EncodePair(texts[c.text], texts[c.pair], c.length)
			whole = w.EncodePair(texts[c.text], texts[c.pair], 0)
		}
		if !slices.Equal(got.IDs, c.ids) {
			t.Errorf("%s: %v\n got  %v", name, c, got.IDs)
		}
		if second := slices.Index(got.Types, 1); second != c.second && c.pair >= 0 {
			t.Errorf("%s: %v: types turn to 1 at %d", name, c, second)
		}
		if len(got.Types) != len(got.IDs) || got.Cut != len(whole.IDs)-len(got.IDs) {
			t.Errorf("%s: %v: %d types, cut %d, want %d", name, c, len(got.Types), got.Cut, len(whole.IDs)-len(got.IDs))
		}
	}
}

// tokensOf are the tokens of ids, for messages.
func (c *core) tokensOf(ids []int32) []string {
	var out []string
	for _, id := range ids {
		out = append(out, c.Token(id))
	}
	return out
}
