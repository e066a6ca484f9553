package tokenizer

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// FuzzEncode holds what is true of every text: ids of the vocabulary, special
// ids in their places, the limit kept, and what was cut accounted for.
func FuzzEncode(f *testing.F) {
	for _, text := range []string{"", "Unaffable!", "un[MASK]able\u0301 漢\x00", "\xff\u200d\U0001f600", strings.Repeat("é", 120)} {
		f.Add(text, text, 7)
	}
	var tokenizers []*WordPiece
	for _, opt := range []Options{{}, {Cased: true}, {KeepControls: true, JoinChinese: true, Added: []AddedToken{
		{ID: 5, Content: "un", Normalized: true, LStrip: true, RStrip: true}, {ID: 11, Content: "!", SingleWord: true, LStrip: true}}}} {
		tokenizers = append(tokenizers, mustNew(f, small, opt))
	}
	f.Fuzz(func(t *testing.T, a, b string, length int) {
		for _, w := range tokenizers {
			checkEncoding(t, w, w.Encode(a, length), length, w.Pieces(a))
			checkEncoding(t, w, w.EncodePair(a, b, length), length, w.Pieces(a), w.Pieces(b))
		}
	})
}

// checkEncoding checks an encoding of texts against their pieces.
func checkEncoding(t *testing.T, w Tokenizer, e Encoding, length int, texts ...[]int32) {
	t.Helper()
	special, whole := len(texts)+1, 0
	for _, pieces := range texts {
		whole += len(pieces)
	}
	if len(e.Types) != len(e.IDs) || len(e.IDs)+e.Cut != whole+special {
		t.Fatalf("%d ids, %d types, %d cut of %d pieces", len(e.IDs), len(e.Types), e.Cut, whole)
	}
	if length > 0 && len(e.IDs) > max(length, special) || e.Cut > 0 && len(e.IDs) < length {
		t.Fatalf("%d ids and %d cut at length %d", len(e.IDs), e.Cut, length)
	}
	if w.Token(e.IDs[0]) != "[CLS]" || w.Token(e.IDs[len(e.IDs)-1]) != "[SEP]" {
		t.Fatalf("ids %v", e.IDs)
	}
	first := e.IDs[1:]
	if len(texts) == 2 {
		first = e.IDs[1:slices.Index(e.Types, 1)]
	}
	if n := len(first) - 1; !slices.Equal(first[:n], texts[0][:n]) {
		t.Fatalf("ids %v do not begin %v", first, texts[0])
	}
	for _, id := range e.IDs {
		if w.Token(id) == "" {
			t.Fatalf("id %d is no piece", id)
		}
	}
}

// FuzzLoadJSON feeds damaged files; they load, or give an error.
func FuzzLoadJSON(f *testing.F) {
	f.Add([]byte(smallJSON))
	f.Add([]byte(smallJSON[:len(smallJSON)/2]))
	f.Add([]byte(`{"model":{"vocab":{"a":0,"a":1}}}`))
	fuzzFile(f, jsonName)
}

// FuzzLoadVocab does the same to vocab.txt.
func FuzzLoadVocab(f *testing.F) {
	f.Add(writeVocab(small))
	f.Add([]byte("[UNK]\r\n[CLS]\r\n[SEP]"))
	f.Add([]byte("\xff\n\n\n"))
	fuzzFile(f, vocabName)
}

// FuzzLoadConfig does the same to tokenizer_config.json beside a good vocab.txt.
func FuzzLoadConfig(f *testing.F) {
	f.Add([]byte(`{"do_lower_case":false,"strip_accents":null,"cls_token":{"content":"[CLS]"}}`))
	f.Add([]byte(`{"added_tokens_decoder":{"4":{"content":"[MASK]","lstrip":true}}}`))
	fuzzFile(f, configName)
}

// fuzzFile loads a directory in which one file holds what the fuzzer makes, and
// uses and saves what loads.
func fuzzFile(f *testing.F, name string) {
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if name == configName {
			write(t, dir, vocabName, string(writeVocab(small)))
		}
		write(t, dir, name, string(content))
		w, err := Load(dir)
		if err != nil {
			if !strings.Contains(err.Error(), dir) {
				t.Errorf("%v names no file", err)
			}
			return
		}
		const text = "Un[MASK] é! a"
		again := filepath.Join(dir, "again")
		if err := w.Save(again); err != nil {
			t.Fatal(err)
		}
		v, err := Load(again)
		if err != nil {
			t.Fatalf("saved but cannot be loaded: %v", err)
		}
		if got, want := v.Encode(text, 9), w.Encode(text, 9); !slices.Equal(got.IDs, want.IDs) {
			t.Errorf("ids %v after saving, %v before", got.IDs, want.IDs)
		}
	})
}
