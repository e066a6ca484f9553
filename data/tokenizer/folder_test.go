package tokenizer

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

// folderOf is a directory with a small vocab.txt and these files.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, vocabName, strings.Join(small, "\n"))
	for name, content := range files {
		write(t, dir, name, content)
	}
	return dir
}

// The class is looked for in tokenizer_config.json, then in config.json, then by
// model_type; what is refused is said of the file that says it.
func TestClass(t *testing.T) {
	for _, test := range []struct{ config, model, file, want string }{
		{`{"tokenizer_class":"BertTokenizer"}`, `{"tokenizer_class":"BertJapaneseTokenizer"}`, "", ""},
		{`{}`, `{"tokenizer_class":"BertJapaneseTokenizer"}`, modelConfigName, `tokenizer_class is "BertJapaneseTokenizer", which cuts text in Python code`},
		{`{"tokenizer_class":"BertJapaneseTokenizer"}`, `{}`, configName, `tokenizer_class is "BertJapaneseTokenizer"`},
		{``, `{"tokenizer_class":"NoSuchTokenizer"}`, modelConfigName, `tokenizer_class is "NoSuchTokenizer", want one of`},
		{``, `{"tokenizer_class":"ElectraTokenizerFast"}`, "", ""},
		{``, `{"model_type":"roberta"}`, configName, "the tokenizer is a RobertaTokenizer, which reads vocab.json; there is vocab.txt"},
		{``, `{"model_type":"power-roberta"}`, configName, "the tokenizer is a RobertaTokenizer, which reads vocab.json; there is vocab.txt"},
		{``, `{"model_type":"electra"}`, "", ""},
		{``, `{"model_type":"no such"}`, "", ""},
		{``, `{"model_type":`, modelConfigName, "damaged or cut short"},
	} {
		files := map[string]string{modelConfigName: test.model}
		if test.config != "" {
			files[configName] = test.config
		}
		dir := folderOf(t, files)
		_, err := Load(dir)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s, %s: %v", test.config, test.model, err)
			}
			continue
		}
		wantError(t, err, filepath.Join(dir, test.file), test.want)
	}
}

// A tokenizer.json says it all under a class that is not known, but not under one that
// would not read it.
func TestClassOfJSON(t *testing.T) {
	for class, want := range map[string]string{"NoSuchTokenizer": "", "PreTrainedTokenizerFast": "", "TokenizersBackend": "", "BertJapaneseTokenizer": "cuts text in Python"} {
		dir := t.TempDir()
		write(t, dir, jsonName, smallJSON)
		write(t, dir, configName, `{"tokenizer_class":"`+class+`"}`)
		if _, err := Load(dir); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", class, err, want)
		}
	}
}

func TestAddedTokensFiles(t *testing.T) {
	n := int32(len(small))
	for _, test := range []struct {
		name  string
		files map[string]string
		text  string
		want  []int32
	}{
		{"special and normalised", map[string]string{addedName: `{"New":14,"<E>":13}`, mapName: `{"additional_special_tokens":["<E>"]}`}, "new NEW <E> <e>", []int32{14, 14, 13, 1, 10, 1}},
		{"ids as they are", map[string]string{addedName: `{"<E>":20}`}, "<E>e", []int32{20, 10}},
		{"decoder before the map", map[string]string{configName: `{"added_tokens_decoder":{}}`, mapName: `{"additional_special_tokens":["<E>"]}`, addedName: `{"<E>":13}`}, "<E>", []int32{1, 10, 1}},
		{"map over the config", map[string]string{configName: `{"mask_token":"[PAD]"}`, mapName: `{"mask_token":{"content":"[MASK]","lstrip":true}}`}, "e [MASK]", []int32{10, 4}},
		{"pieces and new ones", map[string]string{configName: `{"additional_special_tokens":["##aff","<E>"],"extra_special_tokens":[{"content":"<F>","rstrip":true}],"other_token":"!"}`}, "un##aff<E><F> e!", []int32{5, 6, n, n + 1, 10, 11}},
		{"null and numbers", map[string]string{configName: `{"additional_special_tokens":null,"bos_token":null,"add_bos_token":true,"model_max_length":1e30}`}, "un", []int32{5}},
	} {
		tok, err := Load(folderOf(t, test.files))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := tok.Pieces(test.text); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v %q, want %v", test.name, got, tokensOf(tok, got), test.want)
		}
	}
	dir := folderOf(t, map[string]string{addedName: `{"un":"x"}`})
	_, err := Load(dir)
	wantError(t, err, filepath.Join(dir, addedName), "JSON string, want int32")
}

// Types of the second text are left out where transformers gives none.
func TestUntyped(t *testing.T) {
	for _, test := range []struct {
		config string
		want   int32
	}{
		{`{}`, 1},
		{`{"model_input_names":["input_ids","attention_mask"]}`, 0},
		{`{"model_input_names":["input_ids","token_type_ids"]}`, 1},
		{`{"backend":"tokenizers"}`, 1},
		{`{"tokenizer_class":"AlbertTokenizer","backend":"tokenizers"}`, 0},
		{`{"tokenizer_class":"AlbertTokenizerFast"}`, 1},
		{`{"tokenizer_class":"AlbertTokenizer","model_input_names":["token_type_ids"],"backend":"tokenizers"}`, 1},
	} {
		dir := t.TempDir()
		write(t, dir, jsonName, smallJSON)
		write(t, dir, configName, test.config)
		for range 2 { // as it is, and saved
			tok, err := Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			e := tok.EncodePair("a", "a", 0)
			if got := e.Types[len(e.Types)-1]; got != test.want || !slices.Equal(e.IDs, []int32{2, 0, 3, 0, 3}) {
				t.Errorf("%s: %v, want the type %d", test.config, e, test.want)
			}
			dir = t.TempDir()
			if err := tok.Save(dir); err != nil {
				t.Fatal(err)
			}
		}
		var whole tokenizerJSON
		if err := json.Unmarshal(readAll(t, filepath.Join(dir, jsonName)), &whole); err != nil {
			t.Fatal(err)
		}
		if Types(mustLoad(t, dir)) != int(test.want)+1 {
			t.Errorf("%s: saved with another number of types", test.config)
		}
		if _, pair, err := whole.PostProcessor.templates(); err != nil || pair.typed() != (test.want == 1) {
			t.Errorf("%s: tokenizer.json has the pair %v, %v", test.config, pair, err)
		}
	}
}

// What is written tells transformers the length, the inputs and a class that makes the
// same of the pieces.
func TestSaveSettings(t *testing.T) {
	lower := `"lowercase":true`
	for _, test := range []struct {
		name, config, old, new string
		class                  string
		inputs                 []any
		vocab                  bool
	}{
		{"BERT", `{"tokenizer_class":"DistilBertTokenizerFast"}`, "", "", "DistilBertTokenizer", []any{"input_ids", "token_type_ids", "attention_mask"}, true},
		{"no class", ``, "", "", "BertTokenizer", []any{"input_ids", "token_type_ids", "attention_mask"}, true},
		{"controls", `{}`, `"clean_text":true`, `"clean_text":false`, wholeClasses[0], []any{"input_ids", "token_type_ids", "attention_mask"}, false},
		{"long words", `{}`, `word":100`, `word":99`, wholeClasses[0], []any{"input_ids", "token_type_ids", "attention_mask"}, false},
		{"normalizer", `{}`, `{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,` + lower + `}`, `{"type":"Lowercase"}`, wholeClasses[0], []any{"input_ids", "token_type_ids", "attention_mask"}, false},
		{"RoBERTa's pairs", `{}`, `{"type":"BertProcessing"`, `{"type":"RobertaProcessing"`, wholeClasses[0], []any{"input_ids", "attention_mask"}, false},
		{"line break", `{}`, `"a":0`, `"a\nb":0`, "BertTokenizer", []any{"input_ids", "token_type_ids", "attention_mask"}, false},
	} {
		dir, out := t.TempDir(), t.TempDir()
		write(t, dir, jsonName, strings.Replace(smallJSON, test.old, test.new, 1))
		if test.config != "" {
			write(t, dir, configName, test.config)
		}
		tok, err := Load(dir)
		if err != nil {
			t.Fatal(test.name, err)
		}
		if err := tok.SaveFor(out, 64); err != nil {
			t.Fatal(err)
		}
		config := generic(t, readAll(t, filepath.Join(out, configName)))
		if config["tokenizer_class"] != test.class || config["model_max_length"] != 64.0 || !reflect.DeepEqual(config["model_input_names"], test.inputs) {
			t.Errorf("%s: %v, want class %s and inputs %v", test.name, config, test.class, test.inputs)
		}
		if got := atomicfile.Exists(filepath.Join(out, vocabName)); got != test.vocab {
			t.Errorf("%s: vocab.txt %v, want %v", test.name, got, test.vocab)
		}
	}
	dir := t.TempDir()
	if err := mustNew(t, small, Options{}).Save(dir); err != nil {
		t.Fatal(err)
	}
	if _, there := generic(t, readAll(t, filepath.Join(dir, configName)))["model_max_length"]; there {
		t.Error("a length is written that is not known")
	}
}

// Of pieces that are there twice the last id counts, in every form; both are kept.
func TestTwice(t *testing.T) {
	vocab := append(slices.Clone(small), "un", "", "e")
	w := mustNew(t, vocab, Options{})
	for range 2 {
		if got, want := w.Pieces("un e"), []int32{13, 15}; !slices.Equal(got, want) || w.Token(5) != "un" || w.Token(14) != "" || w.Size() != 16 {
			t.Errorf("%v, pieces %q and %q, size %d", got, w.Token(5), w.Token(14), w.Size())
		}
		dir := t.TempDir()
		if err := w.Save(dir); err != nil {
			t.Fatal(err)
		}
		if got, want := string(readAll(t, filepath.Join(dir, vocabName))), string(writeVocab(vocab)); got != want {
			t.Errorf("vocab.txt is %q, want %q", got, want)
		}
		if err := os.Remove(filepath.Join(dir, jsonName)); err != nil {
			t.Fatal(err)
		}
		var err error
		if w, err = loadWordPiece(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// A SentencePiece model of joined pieces gives the ids of SentencePiece itself (0.2.3,
// encode, with <s> and </s> around).
func TestSPMOfBPE(t *testing.T) {
	kind := func(piece string, score float32, kind int) []byte {
		return proto(1, piece, 2, math.Float32bits(score), 3, kind)
	}
	model := proto(1, kind("<unk>", 0, 2), 1, kind("<s>", 0, 3), 1, kind("</s>", 0, 3), 1, kind("user", 0, 4),
		1, kind("▁a", -1, 1), 1, kind("ab", 0, 1), 1, kind("abab", -2, 1), 1, kind("▁", -3, 1), 1, kind("a", -4, 1), 1, kind("b", -5, 1), 2, proto(3, bpeKind))
	tok, err := Load(write(t, t.TempDir(), bpeModelName, string(model)))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]int32{
		"a":        {4},
		"ab":       {7, 5},
		" aba  b ": {7, 5, 8, 7, 9},
		"abab":     {7, 6},
		"xyb":      {7, 0, 9},
		"":         nil,
	} {
		if got := tok.Pieces(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v %q, want %v", text, got, tokensOf(tok, got), want)
		}
	}
	if got, want := tok.EncodePair("a", "b", 0).IDs, []int32{1, 4, 2, 2, 7, 9, 2}; !slices.Equal(got, want) {
		t.Errorf("pair %v, want %v", got, want)
	}
}

func mustLoad(t *testing.T, path string) Tokenizer {
	t.Helper()
	tok, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}
