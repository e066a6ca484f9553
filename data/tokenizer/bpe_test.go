package tokenizer

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// smallBPE is a tokenizer.json of BPE over characters; its parts are for tests to change.
func smallBPE(t testing.TB, change func(*tokenizerJSON)) *BPE {
	t.Helper()
	unknown := "[UNK]"
	file := &tokenizerJSON{Model: modelJSON{Type: "BPE", UnkToken: &unknown,
		Vocab:  listed([]string{"[UNK]", "[CLS]", "[SEP]", "a", "b", "c", "ab", "bc", "abc", "aa", "aaaa", "<0xC3>", "<0xA9>"}),
		Merges: merges{{"b", "c"}, {"a", "b"}, {"a", "bc"}, {"a", "a"}, {"aa", "aa"}}}}
	if change != nil {
		change(file)
	}
	tok, err := file.build(specials{})
	if err != nil {
		t.Fatal(err)
	}
	return tok.(*BPE)
}

// naive joins, again and again, the leftmost of the pairs of the lowest rank: the
// algorithm as the paper has it.
func (b *BPE) naive(word string) []int32 {
	var ids []int32
	for _, r := range word {
		ids = append(ids, b.vocab[string(r)])
	}
	for {
		best, at := int32(len(b.joined)), -1
		for i := range len(ids) - 1 {
			if rank, ok := b.ranks[pairKey(ids[i], ids[i+1])]; ok && rank < best {
				best, at = rank, i
			}
		}
		if at < 0 {
			return ids
		}
		ids = slices.Replace(ids, at, at+2, b.joined[best])
	}
}

// The heap and the shortcut for whole words make what the naive algorithm makes.
func TestBPEIsNaive(t *testing.T) {
	b := smallBPE(t, nil)
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		var word strings.Builder
		for range 1 + r.IntN(12) {
			word.WriteByte("abc"[r.IntN(3)])
		}
		if got, want := b.cut(new(scratch), nil, []byte(word.String())), b.naive(word.String()); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", word.String(), b.tokensOf(got), b.tokensOf(want))
		}
	}
}

// Every piece of GPT-2 that its merges make is one word; long words are as the naive
// algorithm has them.
func TestBPEOfGPT2(t *testing.T) {
	data := os.Getenv("POWERBERT_DATA")
	if data == "" {
		t.Skip("POWERBERT_DATA is not set: no published vocabulary")
	}
	tok, err := Load(filepath.Join(data, "tokenizers", "gpt2-bpe"))
	if err != nil {
		t.Fatal(err)
	}
	b := tok.(*BPE)
	if len(b.whole) < 50000 || b.Size() != 50262 {
		t.Errorf("%d words of one piece and %d ids, want 50,000 or more and 50,262", len(b.whole), b.Size())
	}
	for _, word := range []string{"Ġunaffable", strings.Repeat("Ġhaha", 40), strings.Repeat("ab", 300), "ĠpneumonoultramicroscopicsilicovolcanoconiosisĠĠĠĊĊ"} {
		if got, want := b.cut(new(scratch), nil, []byte(word)), b.naive(word); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", word, b.tokensOf(got), b.tokensOf(want))
		}
	}
}

// What becomes of characters without a piece is as the reference's model.rs has it.
func TestBPEUnknown(t *testing.T) {
	yes := true
	for _, test := range []struct {
		name, word string
		change     func(*modelJSON)
		want       []string
	}{
		{"one by one", "axxb", nil, []string{"a", "[UNK]", "[UNK]", "b"}},
		{"fused", "axxbx", func(m *modelJSON) { m.FuseUnk = &yes }, []string{"a", "[UNK]", "b", "[UNK]"}},
		{"dropped", "axxb", func(m *modelJSON) { m.UnkToken = nil }, []string{"ab"}},
		{"bytes", "aéb", func(m *modelJSON) { m.ByteFallback = &yes }, []string{"a", "<0xC3>", "<0xA9>", "b"}},
		{"no such bytes", "aöb", func(m *modelJSON) { m.ByteFallback = &yes }, []string{"a", "[UNK]", "b"}},
		{"whole", "abc", func(m *modelJSON) { m.IgnoreMerges, m.Merges = &yes, merges{} }, []string{"abc"}},
		{"not whole", "abc", func(m *modelJSON) { m.Merges = merges{} }, []string{"a", "b", "c"}},
	} {
		b := smallBPE(t, func(f *tokenizerJSON) {
			if test.change != nil {
				test.change(&f.Model)
			}
		})
		if got := b.tokensOf(b.cut(new(scratch), nil, []byte(test.word))); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestBPEErrors(t *testing.T) {
	half, other := 0.5, "none"
	for want, change := range map[string]func(*modelJSON){
		"model.dropout is 0.5, want 0":               func(m *modelJSON) { m.Dropout = &half },
		`model.unk_token "none" is not in`:           func(m *modelJSON) { m.UnkToken = &other },
		`merge 1 joins "a" and "x", which are not`:   func(m *modelJSON) { m.Merges = merges{{"a", "x"}} },
		`merge 2 makes "ba", which is not`:           func(m *modelJSON) { m.Merges = merges{{"a", "b"}, {"b", "a"}} },
		`merge 1 joins "a" and "b", which are not b`: func(m *modelJSON) { m.ContinuingSubwordPrefix, m.Merges = &other, merges{{"a", "b"}} },
	} {
		file := smallBPE(t, nil).file
		change(&file.Model)
		if _, err := file.build(specials{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Both forms of merges are read; a piece with a space in it makes the second be written.
func TestMerges(t *testing.T) {
	for _, test := range []struct{ in, out string }{
		{`["a b","ab c"]`, `["a b","ab c"]`},
		{`[["a","b"],["ab","c"]]`, `["a b","ab c"]`},
		{`[["a","b c"]]`, `[["a","b c"]]`},
	} {
		var m merges
		if err := json.Unmarshal([]byte(test.in), &m); err != nil {
			t.Fatal(err)
		}
		if out, err := json.Marshal(m); err != nil || string(out) != test.out {
			t.Errorf("%s becomes %s, %v, want %s", test.in, out, err, test.out)
		}
	}
	for _, bad := range []string{`["a"]`, `["a b c"]`, `[["a"]]`, `{}`} {
		var m merges
		if err := json.Unmarshal([]byte(bad), &m); err == nil && bad != `[["a"]]` {
			t.Errorf("%s is read as %q", bad, m)
		}
	}
}

func TestMergesFile(t *testing.T) {
	vocab := `{"<s>":0,"</s>":1,"a":2,"b":3,"ab":4}`
	for content, want := range map[string]string{
		"#version: 0.2\na b\n": "", "a b\r\n\n": "", "#version: 0.2\n": "",
		"#version: 0.2\na b c\n": `merges.txt: merges: entry 2 is "a b c", want two pieces with a space between`,
		"a b\n\na b\n":           `merges.txt: merges: entry 2 is "", want two pieces`,
		"a x\n":                  `vocab.json: merge 1 joins "a" and "x"`,
		"-":                      "merges.txt: is not there; vocab.json needs it",
	} {
		dir := t.TempDir()
		write(t, dir, vocabJSONName, vocab)
		if content != "-" {
			write(t, dir, mergesName, content)
		}
		tok, err := Load(dir)
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, want %s", content, err, want)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		want := []int32{4}
		if len(content) == 14 {
			want = []int32{2, 3}
		}
		if got := tok.Pieces("ab"); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", content, got, want)
		}
	}
}

// Words of pieces of bytes are shown as the text that they are.
func TestBPEWords(t *testing.T) {
	for _, k := range readKinds(t).Kinds {
		if k.Name != "roberta" {
			continue
		}
		tok := k.load(t)
		var got []string
		for _, w := range tok.Words(tok.EncodePair("Héllo wörld\nagain!", "漢字 <mask>", 0).IDs) {
			if w.Special {
				w.Text = "*" + w.Text
			}
			got = append(got, w.Text)
		}
		want := []string{"*<s>", "Héllo", "wörld", "again!", "*</s>", "*</s>", "漢字", "*<mask>", "*</s>"}
		if !slices.Equal(got, want) {
			t.Errorf("words %q, want %q", got, want)
		}
	}
}
