package tokenizer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// tokenizerJSON is tokenizer.json as far as a BERT tokenizer uses it. Its
// truncation and padding are not read: the caller of Encode names the length.
type tokenizerJSON struct {
	Version       string          `json:"version"`
	Truncation    any             `json:"truncation"`
	Padding       any             `json:"padding"`
	AddedTokens   []AddedToken    `json:"added_tokens"`
	Normalizer    *normalizerJSON `json:"normalizer"`
	PreTokenizer  *typeJSON       `json:"pre_tokenizer"`
	PostProcessor *processorJSON  `json:"post_processor"`
	Decoder       map[string]any  `json:"decoder"`
	Model         wordPieceJSON   `json:"model"`
}

type typeJSON struct {
	Type string `json:"type"`
}

type normalizerJSON struct {
	Type               string `json:"type"`
	CleanText          *bool  `json:"clean_text"`
	HandleChineseChars *bool  `json:"handle_chinese_chars"`
	StripAccents       *bool  `json:"strip_accents"`
	Lowercase          *bool  `json:"lowercase"`
}

type wordPieceJSON struct {
	Type                    string     `json:"type"`
	UnkToken                *string    `json:"unk_token"`
	ContinuingSubwordPrefix *string    `json:"continuing_subword_prefix"`
	MaxInputCharsPerWord    *int       `json:"max_input_chars_per_word"`
	Vocab                   vocabulary `json:"vocab"`
}

// readJSON reads the content of a tokenizer.json with WordPiece.
func readJSON(path string, content []byte) ([]string, Options, error) {
	var t tokenizerJSON
	if err := json.Unmarshal(content, &t); err != nil {
		return nil, Options{}, &Error{File: path, Err: jsonError(err)}
	}
	opt, err := t.options()
	if err != nil {
		return nil, Options{}, &Error{File: path, Err: err}
	}
	return t.Model.Vocab, opt, nil
}

// jsonError says in the file's words what is wrong with it.
func jsonError(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON from byte %d on, damaged or cut short: %w", syntax.Offset, err)
	case errors.As(err, &kind):
		return fmt.Errorf("%s is a JSON %s, want %s", cmp.Or(kind.Field, "the file"), kind.Value, jsonKind(kind.Type))
	}
	return err
}

// jsonKind names what a Go type is in JSON.
func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "an array"
	}
	return t.String()
}

// options translates the parts of a tokenizer, or says which of them is not
// BERT's.
func (t *tokenizerJSON) options() (Options, error) {
	if err := t.check(); err != nil {
		return Options{}, err
	}
	opt := Options{
		Cased:        !value(t.Normalizer.Lowercase, true),
		Accents:      accents(t.Normalizer.StripAccents),
		JoinChinese:  !value(t.Normalizer.HandleChineseChars, true),
		KeepControls: !value(t.Normalizer.CleanText, true),
		MaxWordRunes: value(t.Model.MaxInputCharsPerWord, 100),
		Prefix:       value(t.Model.ContinuingSubwordPrefix, "##"),
		Unknown:      value(t.Model.UnkToken, "[UNK]"),
		Added:        append([]AddedToken{}, t.AddedTokens...),
	}
	if t.PostProcessor == nil {
		return opt, nil
	}
	cls, sep, err := t.PostProcessor.special()
	if err != nil {
		return opt, err
	}
	opt.CLS, opt.SEP = cls.name, sep.name
	return opt, cmp.Or(t.place(cls), t.place(sep))
}

// place checks that the processor and the vocabulary mean the same token.
func (t *tokenizerJSON) place(s special) error {
	i := slices.IndexFunc(t.AddedTokens, func(a AddedToken) bool { return a.ID == s.id })
	switch {
	case i >= 0 && t.AddedTokens[i].Content == s.name:
		return nil
	case s.id >= 0 && int(s.id) < len(t.Model.Vocab) && t.Model.Vocab[s.id] == s.name:
		return nil
	}
	return fmt.Errorf("post_processor: %q has id %d, another one than in the vocabulary", s.name, s.id)
}

// check reports a part that works otherwise than BERT's.
func (t *tokenizerJSON) check() error {
	normalizer, pre := "null", "null"
	if t.Normalizer != nil {
		normalizer = t.Normalizer.Type
	}
	if t.PreTokenizer != nil {
		pre = t.PreTokenizer.Type
	}
	switch {
	case t.Model.Type != "WordPiece" && t.Model.Type != "":
		return fmt.Errorf("model.type is %q, want \"WordPiece\" or \"Unigram\"", t.Model.Type)
	case normalizer != "BertNormalizer":
		return fmt.Errorf("normalizer.type is %q, want \"BertNormalizer\"", normalizer)
	case pre != "BertPreTokenizer":
		return fmt.Errorf("pre_tokenizer.type is %q, want \"BertPreTokenizer\"", pre)
	case len(t.Model.Vocab) == 0:
		return fmt.Errorf("model.vocab is missing or empty")
	case value(t.Model.MaxInputCharsPerWord, 100) < 1:
		return fmt.Errorf("model.max_input_chars_per_word is %d, want 1 or more", *t.Model.MaxInputCharsPerWord)
	case value(t.Model.ContinuingSubwordPrefix, "##") == "":
		return fmt.Errorf("model.continuing_subword_prefix is empty, want something like \"##\"")
	}
	return nil
}

func value[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

func accents(strip *bool) Accents {
	switch {
	case strip == nil:
		return AccentsFollowCase
	case *strip:
		return AccentsStrip
	}
	return AccentsKeep
}
