package tokenizer

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// small is a vocabulary of 13 pieces; [CLS] is 2, [SEP] 3.
var small = []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "Un", "é", "e", "!", "漢"}

// smallJSON is a tokenizer.json of four pieces, for tests to break.
const smallJSON = `{"version":"1.0","truncation":{"max_length":3},"padding":{"pad_id":0},
"added_tokens":[{"id":3,"content":"[SEP]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
"pre_tokenizer":{"type":"BertPreTokenizer"},
"post_processor":{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]},
"decoder":null,
"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,
"vocab":{"a":0,"[UNK]":1,"[CLS]":2,"[SEP]":3}}}`

func mustNew(t testing.TB, vocab []string, opt Options) *WordPiece {
	t.Helper()
	w, err := New(vocab, opt)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// loadWordPiece is Load of what has a WordPiece in it.
func loadWordPiece(path string) (*WordPiece, error) {
	t, err := Load(path)
	w, _ := t.(*WordPiece)
	return w, err
}

func write(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantError checks that err is an *Error of this file that says want.
func wantError(t *testing.T, err error, file, want string) {
	t.Helper()
	var bad *Error
	if !errors.As(err, &bad) {
		t.Fatalf("got %v, want an *Error that says %q", err, want)
	}
	if bad.File != file || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), file) {
		t.Errorf("got  %v\nwant %s: ... %s", err, file, want)
	}
}

// The options are for a vocab.txt that nothing beside it speaks for.
func TestLoadAs(t *testing.T) {
	bare, spoken := t.TempDir(), t.TempDir()
	for _, dir := range []string{bare, spoken} {
		write(t, dir, vocabName, strings.Join(small, "\n"))
	}
	write(t, spoken, configName, `{"do_lower_case":true}`)
	upper, lower := []string{"[CLS]", "Un", "[SEP]"}, []string{"[CLS]", "un", "[SEP]"}
	for _, test := range []struct {
		path string
		opt  Options
		want []string
	}{
		{bare, Options{Cased: true}, upper},
		{bare, Options{}, lower},
		{filepath.Join(bare, vocabName), Options{Cased: true}, upper},
		{spoken, Options{Cased: true}, lower},
	} {
		w, err := LoadAs(test.path, test.opt)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, id := range w.Encode("Un", 0).IDs {
			got = append(got, w.Token(id))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s with %+v makes %q, want %q", test.path, test.opt, got, test.want)
		}
	}
}

func TestLoadVocabErrors(t *testing.T) {
	good := "[UNK]\n[CLS]\n[SEP]\n"
	for _, test := range []struct{ name, content, want string }{
		{"empty", "", "no [UNK], [CLS], [SEP] among 0 pieces"},
		{"no special", "a\nb\n", "no [UNK], [CLS], [SEP] among 2 pieces"},
		{"no separator", "[UNK]\n[CLS]\n", "no [SEP] among 2 pieces"},
		{"Latin-1", good + "caf\xe9\n", `:4: piece "caf\xe9" is not UTF-8`},
		{"byte order mark", "\uFEFF" + good, ":1: begins with a byte order mark"},
		{"carriage return", good + "a\rb\n", `:4: piece "a\rb" holds a carriage return`},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, t.TempDir(), vocabName, test.content)
			_, err := loadWordPiece(path)
			wantError(t, err, path, test.want)
		})
	}
}

func TestLoadFileErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := loadWordPiece(filepath.Join(dir, "none"))
	wantError(t, err, filepath.Join(dir, "none"), "no such file")
	_, err = LoadVocab(dir, Options{})
	wantError(t, err, dir, "is a directory")
	_, err = loadWordPiece(dir)
	wantError(t, err, dir, "no tokenizer.json, vocab.txt, vocab.json, spiece.model, sentencepiece.bpe.model or spm.model in this directory")

	huge := write(t, dir, "huge.txt", "")
	if err := os.Truncate(huge, maxFile+1); err != nil {
		t.Fatal(err)
	}
	_, err = loadWordPiece(huge)
	wantError(t, err, huge, "more than 64 MiB")
}

func TestLoadJSONErrors(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"cut short", `"[SEP]":3}}}`, `"[SE`, "damaged or cut short"},
		{"not an object", smallJSON, `[]`, "the file is a JSON array, want an object"},
		{"no list of tokens", smallJSON, `{"added_tokens": {}}`, "added_tokens is a JSON object, want an array"},
		{"wrong type", `"max_input_chars_per_word":100`, `"max_input_chars_per_word":"many"`, "max_input_chars_per_word is a JSON string, want int"},
		{"no length", `"max_input_chars_per_word":100`, `"max_input_chars_per_word":0`, "max_input_chars_per_word is 0, want 1 or more"},
		{"no prefix", `"##"`, `""`, "continuing_subword_prefix is empty"},
		{"other model", `"type":"WordPiece"`, `"type":"WordLevel"`, `model.type is "WordLevel", want WordPiece, Unigram or BPE`},
		{"other normalizer", `"BertNormalizer"`, `"Furigana"`, `normalizer.type is "Furigana", want Sequence, BertNormalizer, NFC,`},
		{"other splitting", `"BertPreTokenizer"`, `"UnicodeScripts"`, `pre_tokenizer.type is "UnicodeScripts", want Sequence, BertPreTokenizer,`},
		{"other processor", `"BertProcessing"`, `"GPTProcessing"`, `post_processor.type is "GPTProcessing", want TemplateProcessing, BertProcessing, RobertaProcessing,`},
		{"half a processor", `"cls":["[CLS]",2]`, `"cls":["[CLS]"]`, `post_processor: ["[CLS]"], want a token and its id`},
		{"a processor of one token", `,"cls":["[CLS]",2]`, ``, "post_processor: BertProcessing without cls or sep"},
		{"no ends", `{"type":"BertProcessing"`, `{"type":"Sequence","processors":[{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{}}]`, "post_processor puts no token before a text"},
		{"two processors", `{"type":"BertProcessing"`, `{"type":"Sequence","processors":[{"type":"BertProcessing"},{"type":"ByteLevel"},{"type":"RobertaProcessing"}]`, "both BertProcessing and RobertaProcessing put tokens around a text"},
		{"processor's id", `["[CLS]",2]`, `["[CLS]",1]`, `post_processor: "[CLS]" has id 1`},
		{"processor's huge id", `["[CLS]",2]`, `["[CLS]",2000000000]`, `post_processor: "[CLS]" has id 2000000000`},
		{"vocabulary is a list", `{"a":0,"[UNK]":1,"[CLS]":2,"[SEP]":3}`, `["a"]`, `model.vocab: "a", want a piece and its score`},
		{"vocabulary is scored", `{"a":0,"[UNK]":1,"[CLS]":2,"[SEP]":3}`, `"a"`, "model.vocab is not an object"},
		{"no vocabulary", `{"a":0,"[UNK]":1,"[CLS]":2,"[SEP]":3}`, `{}`, "model.vocab is missing or empty"},
		{"id out of range", `"a":0`, `"a":2000000000`, `"a" has id 2000000000, want 0 to 16777215`},
		{"id overflows", `"a":0`, `"a":99999999999999999999`, `id of "a": the file is a JSON number 99999999999999999999, want int64`},
		{"negative id", `"a":0`, `"a":-1`, `"a" has id -1, want 0 to 16777215`},
		{"fraction", `"a":0`, `"a":0.5`, `id of "a"`},
		{"unknown piece elsewhere", `"unk_token":"[UNK]"`, `"unk_token":"<unk>"`, "no <unk> among 4 pieces"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(smallJSON, test.old) {
				t.Fatalf("%s is not in smallJSON", test.old)
			}
			path := write(t, t.TempDir(), jsonName, strings.Replace(smallJSON, test.old, test.new, 1))
			_, err := loadWordPiece(path)
			wantError(t, err, path, test.want)
		})
	}
}

func TestLoadJSONTemplate(t *testing.T) {
	const older = `{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]}`
	const bert = `{"type":"TemplateProcessing",
	"single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}}],
	"pair":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}},
	{"Sequence":{"id":"B","type_id":1}},{"SpecialToken":{"id":"[SEP]","type_id":1}}],
	"special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},"[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}}`
	for _, test := range []struct{ name, old, new, want string }{
		{"BERT's", "", "", ""},
		{"nothing before", `"single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},`, `"single":[`, `post_processor puts no token before a text`},
		{"one text twice", `"B","type_id":1`, `"A","type_id":1`, `post_processor.pair has the first text 2 times and the second 0 times, want 1 and 1`},
		{"two texts", `"single":[`, `"single":[{"Sequence":{"id":"B","type_id":0}},`, `post_processor.single has the first text 1 times and the second 1 times, want 1 and 0`},
		{"unknown token", `"special_tokens":{"[CLS]"`, `"special_tokens":{"[C]"`, `post_processor.single: "[CLS]" is not in special_tokens`},
		{"ids without names", `"ids":[2]`, `"ids":[2,7]`, `post_processor.special_tokens: "[CLS]" has 2 ids and 1 tokens`},
		{"another type", `{"id":"B","type_id":1}`, `{"id":"B","type_id":2}`, `post_processor.pair: type_id is 2, want 0 or 1`},
		{"no id before", `{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]}`, `{"id":"[CLS]","ids":[],"tokens":[]}`, "post_processor puts no token before a text"},
		{"wrong id", `"ids":[3]`, `"ids":[0]`, `"[SEP]" has id 0, another one than in the vocabulary`},
	} {
		t.Run(test.name, func(t *testing.T) {
			processor := strings.Replace(bert, test.old, test.new, 1)
			path := write(t, t.TempDir(), jsonName, strings.Replace(smallJSON, older, processor, 1))
			_, err := loadWordPiece(path)
			if test.want == "" && err != nil {
				t.Fatal(err)
			}
			if test.want != "" {
				wantError(t, err, path, test.want)
			}
		})
	}
}

// TestLoadIgnoresTruncation: the file cuts to 3 ids and pads; we do not.
func TestLoadIgnoresTruncation(t *testing.T) {
	w, err := loadWordPiece(write(t, t.TempDir(), jsonName, smallJSON))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Encode("a A b [SEP] [CLS]", 0).IDs, []int32{2, 0, 0, 1, 3, 1, 1, 1, 3}; !slices.Equal(got, want) {
		t.Errorf("ids %v, want %v: [SEP] is an added token of this file, [CLS] is not", got, want)
	}
}

func TestLoadConfig(t *testing.T) {
	const text = "Un É [MASK]漢!"
	uncased := []int32{2, 5, 10, 4, 12, 11, 3}
	for _, test := range []struct {
		name, config string
		want         []int32
	}{
		{"none", "", uncased},
		{"empty", "{}", uncased},
		{"lower case", `{"do_lower_case":true,"tokenizer_class":"BertTokenizer"}`, uncased},
		{"cased", `{"do_lower_case":false,"strip_accents":null}`, []int32{2, 8, 1, 4, 12, 11, 3}},
		{"accents kept", `{"strip_accents":false}`, []int32{2, 5, 9, 4, 12, 11, 3}},
		{"other names", `{"cls_token":"[SEP]","sep_token":{"content":"[CLS]","lstrip":false}}`, []int32{3, 5, 10, 4, 12, 11, 2}},
		{"one added token", `{"added_tokens_decoder":{"5":{"content":"un","normalized":true}}}`, uncased},
		{"a new token", `{"added_tokens_decoder":{"13":{"content":"é","special":false}}}`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, vocabName, strings.Join(small, "\r\n"))
			if test.config != "" {
				write(t, dir, configName, test.config)
			}
			w, err := loadWordPiece(dir)
			if test.want == nil {
				wantError(t, err, filepath.Join(dir, vocabName), `added token "é" has id 13, want 9`)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := w.Encode(text, 0).IDs; !slices.Equal(got, test.want) {
				t.Errorf("ids %v %q, want %v", got, w.tokensOf(got), test.want)
			}
		})
	}
}

// TestConfigOverrules: tokenizer_config.json has the last word on case, accents
// and CJK of a tokenizer.json, where it says something.
func TestConfigOverrules(t *testing.T) {
	for _, test := range []struct {
		config             string
		cased, strip, join bool
	}{
		{`{}`, false, true, false},
		{`{"do_lower_case":false}`, true, true, false},
		{`{"do_lower_case":false,"strip_accents":null}`, true, false, false},
		{`{"strip_accents":false,"tokenize_chinese_chars":false}`, false, false, true},
	} {
		dir := t.TempDir()
		write(t, dir, jsonName, strings.Replace(smallJSON, `"strip_accents":null`, `"strip_accents":true`, 1))
		write(t, dir, configName, test.config)
		w, err := loadWordPiece(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.file.Normalizer.bert(); got.lower == test.cased || got.strip != test.strip || got.chinese == test.join {
			t.Errorf("%s: %+v", test.config, got)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for _, test := range []struct{ name, config, want string }{
		{"not JSON", `{"do_lower_case":`, "damaged or cut short"},
		{"wrong type", `{"do_lower_case":"yes"}`, "do_lower_case is a JSON string, want bool"},
		{"wrong accents", `{"strip_accents":"yes"}`, "JSON string, want bool"},
		{"wrong token", `{"cls_token":7}`, "JSON number, want string"},
		{"other class", `{"tokenizer_class":"BertJapaneseTokenizer"}`, `tokenizer_class is "BertJapaneseTokenizer", which cuts text in Python code of its own; want one of BertTokenizer,`},
		{"no such class", `{"tokenizer_class":"XLNetTokenizer"}`, `tokenizer_class is "XLNetTokenizer", want one of BertTokenizer, DistilBertTokenizer,`},
		{"another's file", `{"tokenizer_class":"RobertaTokenizerFast"}`, "the tokenizer is a RobertaTokenizer, which reads vocab.json; there is vocab.txt"},
		{"no file", `{"tokenizer_class":"PreTrainedTokenizerFast"}`, `tokenizer_class is "PreTrainedTokenizerFast", which needs a tokenizer.json; there is vocab.txt`},
		{"a dictionary", `{"word_tokenizer_type":"mecab"}`, `word_tokenizer_type is "mecab", which cuts Japanese with a dictionary; want "basic"`},
		{"characters", `{"subword_tokenizer_type":"character"}`, `subword_tokenizer_type is "character", want "wordpiece"`},
		{"wrong list", `{"additional_special_tokens":7}`, "JSON number"},
		{"no splitting", `{"do_basic_tokenize":false}`, "do_basic_tokenize is false, want true"},
		{"no id", `{"added_tokens_decoder":{"x":{"content":"y"}}}`, `added_tokens_decoder: key "x" is not an id`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, vocabName, strings.Join(small, "\n"))
			path := write(t, dir, configName, test.config)
			_, err := loadWordPiece(dir)
			wantError(t, err, path, test.want)
		})
	}
}
