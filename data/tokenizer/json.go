package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// readJSON reads tokenizer.json.
func readJSON(path string) ([]string, Options, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, Options{}, err
	}
	var t tokenizerJSON
	if err := json.Unmarshal(content, &t); err != nil {
		return nil, Options{}, &Error{File: path, Err: fmt.Errorf("not a tokenizer.json: %w", err)}
	}
	opt, err := t.options()
	if err != nil {
		return nil, Options{}, &Error{File: path, Err: err}
	}
	return t.Model.Vocab, opt, nil
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
	var err error
	opt.CLS, opt.SEP, err = t.PostProcessor.special()
	return opt, err
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
		return fmt.Errorf("model.type is %q, want \"WordPiece\"", t.Model.Type)
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

// vocabulary is an object {piece: id} whose ids are 0, 1, 2, … in any order.
type vocabulary []string

// UnmarshalJSON reads the object; ids that repeat or leave gaps are errors.
func (v *vocabulary) UnmarshalJSON(content []byte) error {
	ids := json.NewDecoder(bytes.NewReader(content))
	if open, err := ids.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("model.vocab is not an object")
	}
	type entry struct {
		piece string
		id    int64
	}
	var entries []entry
	for ids.More() {
		key, err := ids.Token()
		if err != nil {
			return err
		}
		e := entry{piece: key.(string)}
		if err := ids.Decode(&e.id); err != nil {
			return fmt.Errorf("model.vocab: id of %q: %w", e.piece, err)
		}
		entries = append(entries, e)
	}
	*v = make(vocabulary, len(entries))
	filled := make([]bool, len(entries))
	for _, e := range entries {
		if e.id < 0 || e.id >= int64(len(entries)) {
			return fmt.Errorf("model.vocab: %q has id %d, want 0 to %d, one for each of the %d pieces", e.piece, e.id, len(entries)-1, len(entries))
		}
		if filled[e.id] {
			return fmt.Errorf("model.vocab: %q and %q both have id %d", (*v)[e.id], e.piece, e.id)
		}
		(*v)[e.id], filled[e.id] = e.piece, true
	}
	return nil
}

// MarshalJSON writes the object in the order of the ids.
func (v vocabulary) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for id, piece := range v {
		key, err := json.Marshal(piece)
		if err != nil {
			return nil, err
		}
		if id > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%s:%d", key, id)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
