package tokenizer

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// albertModel is a small model of ours, trained by testdata/fixtures/spm.js.
const albertModel = "testdata/albert.model"

// albertVariant is one tokenizer.json made of albertModel, without what stands there,
// and what the reference gives with it.
type albertVariant struct {
	variant
	Sweep []string // digests of the ids around code points, 4,096 at a time
}

type albertFixture struct {
	Texts    []string
	Variants []albertVariant
}

func readALBERT(t testing.TB) (fix albertFixture) {
	t.Helper()
	f, err := os.Open("testdata/albert.json.gz")
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
	return fix
}

func readModel(t testing.TB) *spm {
	t.Helper()
	content, err := os.ReadFile(albertModel)
	if err != nil {
		t.Fatal(err)
	}
	m, err := readSPM(content)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// load makes the variant's tokenizer.json whole and loads it.
func (v albertVariant) load(t testing.TB) *Unigram {
	t.Helper()
	m := readModel(t)
	whole := maps.Clone(v.Tokenizer)
	model := maps.Clone(whole["model"].(map[string]any))
	model["vocab"] = m.albertScores()
	whole["model"] = model
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	charsmap := fmt.Sprintf(`"precompiled_charsmap":%q`, base64.StdEncoding.EncodeToString(m.charsmap))
	text = []byte(strings.Replace(string(text), `"precompiled_charsmap":""`, charsmap, 1))
	u, err := Load(write(t, t.TempDir(), jsonName, string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return u.(*Unigram)
}

// TestALBERTStrings compares every string's ids with the reference's.
func TestALBERTStrings(t *testing.T) {
	fix := readALBERT(t)
	if len(fix.Texts) < 5000 || len(fix.Variants) < 4 {
		t.Fatalf("%d strings in %d variants, want 5000 or more in 4", len(fix.Texts), len(fix.Variants))
	}
	for _, v := range fix.Variants {
		t.Run(v.Name, func(t *testing.T) {
			u := v.load(t)
			for i, text := range fix.Texts {
				want := v.IDs[i]
				if want == nil {
					want = fix.Variants[0].IDs[i]
				}
				if got := u.Encode(text, 0).IDs; !slices.Equal(got, want) {
					t.Errorf("%+q\n got  %v %q\n want %v %q", text, got, u.tokensOf(got), want, u.tokensOf(want))
				}
			}
		})
	}
}

// TestALBERTCut compares truncated texts and pairs with the reference's.
func TestALBERTCut(t *testing.T) {
	fix := readALBERT(t)
	for _, v := range fix.Variants {
		checkCuts(t, v.Name, v.load(t), fix.Texts, v.Cut)
	}
}

// TestALBERTSweep compares digests of the ids around every code point.
func TestALBERTSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine alone: nothing for the race detector")
	}
	for _, v := range readALBERT(t).Variants {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			u := v.load(t)
			for i, want := range v.Sweep {
				hash := sha256.New()
				for c := rune(i * sweepBlock); c < rune(i+1)*sweepBlock; c++ {
					if c < 0xD800 || c >= 0xE000 {
						ids := fmt.Sprint(u.Encode(fmt.Sprintf("A%cb %ce%c", c, c, c), 0).IDs)
						fmt.Fprintln(hash, strings.Trim(ids, "[]"))
					}
				}
				if got := hex.EncodeToString(hash.Sum(nil))[:12]; got != want {
					t.Errorf("U+%04X to U+%04X: ids differ from the reference's", i*sweepBlock, (i+1)*sweepBlock-1)
				}
			}
		})
	}
}

// TestSPM: a spiece.model makes the ids of the tokenizer.json that transformers makes
// of it, and what is saved loads to the same, with and without that file.
func TestSPM(t *testing.T) {
	fix := readALBERT(t)
	want := map[string][]ids{}
	for _, v := range fix.Variants {
		want[v.Name] = v.IDs
	}
	for name, config := range map[string]string{"published": "", "cased": `{"do_lower_case": false, "keep_accents": true, "tokenizer_class": "AlbertTokenizer"}`} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			content, err := os.ReadFile(albertModel)
			if err != nil {
				t.Fatal(err)
			}
			write(t, dir, spmName, string(content))
			if config != "" {
				write(t, dir, configName, config)
			}
			for range 3 { // as it is, saved, and saved without the model
				u, err := Load(dir)
				if err != nil {
					t.Fatal(err)
				}
				for i, text := range fix.Texts[:2000] {
					row := want[name][i]
					if row == nil {
						row = fix.Variants[0].IDs[i]
					}
					if got := u.Encode(text, 0).IDs; !slices.Equal(got, row) {
						t.Errorf("%+q: got %v, want %v", text, got, row)
					}
				}
				dir = t.TempDir()
				if err := u.Save(dir); err != nil {
					t.Fatal(err)
				}
			}
			if saved, err := os.ReadFile(filepath.Join(dir, spmName)); err == nil && string(saved) != string(content) {
				t.Error("the saved model is another one")
			}
		})
	}
}

func loadSmall(t testing.TB) *Unigram {
	t.Helper()
	u, err := Load(albertModel)
	if err != nil {
		t.Fatal(err)
	}
	return u.(*Unigram)
}

// A cut is the best one by the sum of its scores: no other cut of short words has more.
func TestUnigramIsTheBestCut(t *testing.T) {
	u := loadSmall(t)
	for _, word := range []string{"▁the", "▁streets", "▁2005,", "▁loveless", "▁zq", "▁a漢b"} {
		got, best := 0.0, u.bestScore(word)
		ids := u.cut(new(scratch), nil, []byte(word))
		for _, id := range ids {
			if id == u.unknown {
				got += u.least
			} else {
				got += u.scores[id]
			}
		}
		if diff := got - best; diff < -1e-9 || diff > 1e-9 {
			t.Errorf("%s is cut into %q of score %g, want %g", word, u.tokensOf(ids), got, best)
		}
	}
}

// bestScore tries every cut.
func (u *Unigram) bestScore(word string) float64 {
	if word == "" {
		return 0
	}
	runes := []rune(word)
	best := 0.0
	for n := range runes {
		head, tail := string(runes[:n+1]), string(runes[n+1:])
		score := u.least
		if id, ok := u.ids[head]; ok {
			score = u.scores[id]
		} else if n > 0 {
			continue
		}
		if score += u.bestScore(tail); n == 0 || score > best {
			best = score
		}
	}
	return best
}

func TestUnigramWords(t *testing.T) {
	u := loadSmall(t)
	e := u.EncodePair("lovely (plots)", "漢字 end", 0)
	var got []string
	for _, w := range u.Words(e.IDs) {
		if w.Special {
			w.Text = "*" + w.Text
		}
		got = append(got, w.Text)
	}
	if want := "*[CLS] lovely (plots) *[SEP] <unk> end *[SEP]"; strings.Join(got, " ") != want {
		t.Errorf("words are %q, want %q", got, want)
	}
	if u.Pad() != 0 || u.Token(2) != "[CLS]" || u.Size() != len(u.tokens) || u.Token(int32(u.Size())) != "" {
		t.Errorf("padding %d, piece 2 %q, size %d", u.Pad(), u.Token(2), u.Size())
	}
}

// proto is a message of these fields: texts, numbers and scores.
func proto(fields ...any) (m []byte) {
	for i := 0; i < len(fields); i += 2 {
		n := protowire.Number(fields[i].(int))
		switch v := fields[i+1].(type) {
		case int:
			m = protowire.AppendVarint(protowire.AppendTag(m, n, protowire.VarintType), uint64(v))
		case uint32:
			m = protowire.AppendFixed32(protowire.AppendTag(m, n, protowire.Fixed32Type), v)
		case []byte:
			m = protowire.AppendBytes(protowire.AppendTag(m, n, protowire.BytesType), v)
		case string:
			m = protowire.AppendString(protowire.AppendTag(m, n, protowire.BytesType), v)
		}
	}
	return m
}

func TestSPMErrors(t *testing.T) {
	piece := func(text string) []byte { return proto(1, text) }
	good := proto(1, piece("<unk>"), 1, piece("[CLS]"), 1, piece("[SEP]"))
	with := func(fields ...any) []byte { return append(slices.Clone(good), proto(fields...)...) }
	for _, test := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"good", good, ""},
		{"empty", nil, "is no SentencePiece model, or it was cut short"},
		{"text", []byte("not a model"), "is no SentencePiece model, or it was cut short"},
		{"cut short", good[:len(good)-2], "is no SentencePiece model, or it was cut short"},
		{"BPE", with(2, proto(3, 2)), ""},
		{"words", with(2, proto(3, 3)), "model_type is 3, want a unigram model, 1, or BPE, 2"},
		{"bytes", with(2, proto(35, 1)), "byte_fallback is true, want false"},
		{"suffix", with(2, proto(24, 1)), "treat_whitespace_as_suffix is true, want false"},
		{"unknown", with(2, proto(40, 3)), "the unknown piece has id 3, want 0 to 2"},
		{"huge unknown", with(2, proto(40, -1)), "the unknown piece has id 2147483647, want 0 to 2"},
		{"not a number", with(1, proto(1, "x", 2, uint32(0x7FC00000))), `piece "x" has the score NaN, want a number`},
		{"twice", with(1, piece("[CLS]")), ""},
		{"another model", proto(1, piece("<unk>"), 1, piece("<s>")), "no [CLS], [SEP] among 2 pieces; this is not an ALBERT vocabulary, or it was cut short"},
		{"short charsmap", with(3, proto(2, "abc")), "precompiled_charsmap has 3 bytes, want 4 or more"},
		{"charsmap beyond its end", with(3, proto(2, "\xfc\xff\xff\xffabcd")), "precompiled_charsmap has a trie of 4294967292 bytes, want a multiple of 4 up to the 4 that are there"},
		{"charsmap not UTF-8", with(3, proto(2, "\x04\x00\x00\x00abcd\xff")), "precompiled_charsmap has replacements that are not UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, t.TempDir(), spmName, string(test.content))
			_, err := Load(path)
			if got := strings.TrimPrefix(fmt.Sprint(err), path+": "); err == nil && test.want != "" || err != nil && got != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// unigramText is a tokenizer.json with parts in place of the usual ones.
func unigramText(normalizer, pre, model string) string {
	if normalizer == "" {
		normalizer = `{"type": "NFKD"}`
	}
	if pre == "" {
		pre = `{"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}`
	}
	if model == "" {
		model = `"unk_id": 0, "vocab": [["<unk>", 0], ["[CLS]", 0], ["[SEP]", 0], ["▁a", -1]]`
	}
	return fmt.Sprintf(`{"added_tokens": [], "normalizer": %s, "pre_tokenizer": %s, "model": {"type": "Unigram", %s}}`, normalizer, pre, model)
}

func TestUnigramJSONErrors(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"good", unigramText("", "", ""), ""},
		{"no normalizer", unigramText("null", "", ""), ""},
		{"normalizer", unigramText(`{"type": "Furigana"}`, "", ""), `normalizer.type is "Furigana", want Sequence, BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Replace, Prepend, Precompiled, Nmt or ByteLevel`},
		{"lookahead", unigramText(`{"type": "Replace", "pattern": {"Regex": "a(?=b)"}, "content": "b"}`, "", ""),
			`normalizer: Replace: the regular expression "a(?=b)" has "(?=b)", which is not known here`},
		{"bad expression", unigramText(`{"type": "Replace", "pattern": {"Regex": "a)"}, "content": "b"}`, "", ""),
			"normalizer: Replace: the regular expression \"a)\" is not known here: error parsing regexp: unexpected ): `(?m)a)`"},
		{"class in a class", unigramText("", `{"type": "Split", "pattern": {"Regex": "[a[bc]]"}, "behavior": "Removed"}`, ""),
			`pre_tokenizer: Split: the regular expression "[a[bc]]" is not known here: a class in a class`},
		{"empty pattern", unigramText("", `{"type": "Split", "pattern": {}, "behavior": "Removed"}`, ""), "pre_tokenizer: Split: the pattern is empty"},
		{"no pattern", unigramText("", `{"type": "Split", "behavior": "Removed"}`, ""), "pre_tokenizer: Split without pattern"},
		{"behavior", unigramText("", `{"type": "Punctuation", "behavior": "Merged"}`, ""), `pre_tokenizer: behavior is "Merged", want Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous`},
		{"delimiter", unigramText("", `{"type": "CharDelimiterSplit", "delimiter": "ab"}`, ""), `pre_tokenizer: delimiter is "ab", want one character`},
		{"replace nothing", unigramText(`{"type": "Replace", "content": "b"}`, "", ""), "normalizer: Replace without pattern or content"},
		{"charsmap", unigramText(`{"type": "Precompiled", "precompiled_charsmap": ""}`, "", ""), "precompiled_charsmap has 0 bytes, want 4 or more"},
		{"pre-tokenizer", unigramText("", `{"type": "UnicodeScripts"}`, ""), `pre_tokenizer.type is "UnicodeScripts", want Sequence, BertPreTokenizer, Whitespace, WhitespaceSplit, ByteLevel, Metaspace, Punctuation, Split, Digits or CharDelimiterSplit`},
		{"prefix", unigramText("", `{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "last"}`, ""), `pre_tokenizer.prepend_scheme is "last", want always, first or never`},
		{"replacement", unigramText("", `{"type": "Metaspace", "replacement": "__"}`, ""), `pre_tokenizer.replacement is "__", want one character, such as "▁"`},
		{"no unknown", unigramText("", "", `"vocab": [["a", 0]]`), "model.unk_id is missing, want the id of the unknown piece"},
		{"unknown", unigramText("", "", `"unk_id": -1, "vocab": [["a", 0]]`), "the unknown piece has id -1, want 0 to 0"},
		{"no pieces", unigramText("", "", `"unk_id": 0`), "model.vocab is missing or empty"},
		{"piece", unigramText("", "", `"unk_id": 0, "vocab": [["a"]]`), `model.vocab: ["a"], want a piece and its score, such as ["▁the", -3.07]`},
		{"an object", unigramText("", "", `"unk_id": 0, "vocab": {"a": 0}`), "model.vocab is not a list of pieces and their scores"},
		{"no ends", unigramText("", "", `"unk_id": 0, "vocab": [["a", 0]]`), "no post_processor, and neither [CLS] and [SEP] nor <s> and </s> among 1 pieces: nothing would mark the ends of a text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, t.TempDir(), jsonName, test.content)
			_, err := Load(path)
			if got := strings.TrimPrefix(fmt.Sprint(err), path+": "); err == nil && test.want != "" || err != nil && got != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// FuzzLoadSPM feeds damaged models; they load, or give an error.
func FuzzLoadSPM(f *testing.F) {
	piece := func(text string) []byte { return proto(1, text) }
	f.Add(proto(1, piece("<unk>"), 1, piece("[CLS]"), 1, piece("[SEP]"), 1, proto(1, "▁a", 2, uint32(0xBF800000)), 3, proto(2, "\x04\x00\x00\x00abcdefg\x00")))
	f.Add(proto(1, piece("<unk>"), 2, proto(3, 1, 40, 0)))
	f.Add([]byte("\x0a\xff\xff\xff\xff\x0f"))
	fuzzFile(f, spmName)
}

// FuzzLoadUnigram does the same to tokenizer.json.
func FuzzLoadUnigram(f *testing.F) {
	f.Add([]byte(unigramText("", "", "")))
	f.Add([]byte(unigramText(`{"type": "Precompiled", "precompiled_charsmap": "BAAAAGFiY2Q="}`, "", "")))
	fuzzFile(f, jsonName)
}

// FuzzCharsmap looks texts up in damaged tries.
func FuzzCharsmap(f *testing.F) {
	f.Add([]byte("\x08\x00\x00\x00abcdefgh\x00xyz\x00"), "a\r\nb\u0301")
	f.Fuzz(func(t *testing.T, content []byte, text string) {
		c, err := newCharsmap(content)
		if err != nil {
			return
		}
		c.appendTo(nil, []byte(text))
	})
}

// FuzzUnigram holds what is true of every text.
func FuzzUnigram(f *testing.F) {
	u := loadSmall(f)
	f.Add("Unaffable (2005, a)!", "\xff\u200d 漢字\r\n▁", 9)
	f.Fuzz(func(t *testing.T, a, b string, length int) {
		for _, e := range []struct {
			Encoding
			texts [][]int32
		}{{u.Encode(a, length), [][]int32{u.Pieces(a)}}, {u.EncodePair(a, b, length), [][]int32{u.Pieces(a), u.Pieces(b)}}} {
			checkEncoding(t, u, e.Encoding, length, e.texts...)
		}
	})
}

// TestALBERTOnGLUE compares the ids of GLUE's texts with the reference's under the
// published model.
func TestALBERTOnGLUE(t *testing.T) {
	dir := os.Getenv("POWERBERT_DATA")
	if dir == "" {
		t.Skip("POWERBERT_DATA is not set: no GLUE files and no published model to compare on")
	}
	content, err := os.ReadFile("testdata/albert-glue.json")
	if err != nil {
		t.Fatal(err)
	}
	var digests []glueDigest
	if err := json.Unmarshal(content, &digests); err != nil {
		t.Fatal(err)
	}
	u, err := Load(filepath.Join(dir, "tokenizers", "albert-base-v2"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range digests {
		t.Run(fmt.Sprintf("%s/%d", want.File, want.Length), func(t *testing.T) {
			t.Parallel()
			got := want
			got.digest(t, u, filepath.Join(dir, "data", "glue", want.File))
			if got.Lines != want.Lines || got.IDs != want.IDs || got.SHA256 != want.SHA256 {
				t.Errorf("%d lines, %d ids, %s\nwant %d lines, %d ids, %s", got.Lines, got.IDs, got.SHA256, want.Lines, want.IDs, want.SHA256)
			}
		})
	}
}
