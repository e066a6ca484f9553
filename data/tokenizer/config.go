package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
)

// configJSON is tokenizer_config.json as far as it changes the pieces, or what is made
// of them.
type configJSON struct {
	Class        string                  `json:"tokenizer_class,omitempty"`
	MaxLength    maxLength               `json:"model_max_length,omitzero"`
	LowerCase    *bool                   `json:"do_lower_case,omitempty"`
	StripAccents setting                 `json:"strip_accents,omitzero"` // null is a value: as the case
	KeepAccents  *bool                   `json:"keep_accents,omitempty"` // of ALBERT
	Chinese      *bool                   `json:"tokenize_chinese_chars,omitempty"`
	Basic        *bool                   `json:"do_basic_tokenize,omitempty"`
	WordType     string                  `json:"word_tokenizer_type,omitempty"`    // of BertJapanese, as the next
	SubwordType  string                  `json:"subword_tokenizer_type,omitempty"` //
	Prefix       *bool                   `json:"add_prefix_space,omitempty"`
	SplitPunct   *bool                   `json:"split_by_punct,omitempty"` // of DeBERTa-v2
	BOS          *named                  `json:"bos_token,omitempty"`
	EOS          *named                  `json:"eos_token,omitempty"`
	Unknown      *named                  `json:"unk_token,omitempty"`
	CLS          *named                  `json:"cls_token,omitempty"`
	SEP          *named                  `json:"sep_token,omitempty"`
	Pad          *named                  `json:"pad_token,omitempty"`
	Mask         *named                  `json:"mask_token,omitempty"`
	Other        otherTokens             `json:"-"`
	Additional   manyTokens              `json:"additional_special_tokens,omitempty"`
	Extra        manyTokens              `json:"extra_special_tokens,omitempty"` // the same, of transformers 5
	Added        map[string]decoderToken `json:"added_tokens_decoder,omitempty"`
	Inputs       []string                `json:"model_input_names,omitempty"`
	Backend      string                  `json:"backend,omitempty"` // of transformers from 5.0 on
}

// decoderToken is an added token whose id is its key: the outer ID hides the
// inner one.
type decoderToken struct {
	ID *int32 `json:"id,omitempty"`
	AddedToken
}

// maxLength is how many ids a text may have. It is written, not read: the caller of
// Encode names the length.
type maxLength int

// UnmarshalJSON takes whatever is there, which may be 1e30.
func (*maxLength) UnmarshalJSON([]byte) error { return nil }

// setting tells null, which is a value, from nothing.
type setting struct {
	given bool
	value *bool
}

// UnmarshalJSON reads true, false or null.
func (s *setting) UnmarshalJSON(content []byte) error {
	s.given = true
	return json.Unmarshal(content, &s.value)
}

// MarshalJSON writes true, false or null.
func (s setting) MarshalJSON() ([]byte, error) { return json.Marshal(s.value) }

// readConfig reads tokenizer_config.json; a file that is not there says nothing.
func readConfig(path string) (configJSON, error) {
	var c configJSON
	err := readInto(path, &c)
	if err == nil {
		err = readInto(path, &c.Other)
	}
	return c, err
}

// readInto reads a JSON file; one that is not there says nothing.
func readInto(path string, v any) error {
	content, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, v); err != nil {
		return &Error{File: path, Err: jsonError(err)}
	}
	return nil
}

// fill reads special_tokens_map.json, which older transformers wrote, into what c does
// not list with ids of its own.
func (c *configJSON) fill(path string) error {
	var m configJSON
	if err := readInto(path, &m); err != nil || c.Added != nil {
		return err
	}
	for _, pair := range [][2]**named{{&c.BOS, &m.BOS}, {&c.EOS, &m.EOS}, {&c.Unknown, &m.Unknown}, {&c.SEP, &m.SEP}, {&c.Pad, &m.Pad}, {&c.CLS, &m.CLS}, {&c.Mask, &m.Mask}} {
		if *pair[1] != nil {
			*pair[0] = *pair[1]
		}
	}
	if m.Additional != nil {
		c.Additional = m.Additional
	}
	c.Extra = append(c.Extra, m.Extra...)
	return nil
}

// over puts the configuration's special tokens in the place of the usual ones.
func (c *configJSON) over(n specials) specials {
	given := []*named{c.BOS, c.EOS, c.Unknown, c.SEP, c.Pad, c.CLS, c.Mask}
	for i, token := range n.all() {
		given[i].over(token)
	}
	return n
}

// added are the tokens of added_tokens_decoder, by id; nil if there are none.
func (c *configJSON) added() (list []AddedToken, err error) {
	for key, token := range c.Added {
		id, err := strconv.ParseInt(key, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("added_tokens_decoder: key %q is not an id", key)
		}
		token.AddedToken.ID = int32(id)
		list = append(list, token.AddedToken)
	}
	slices.SortFunc(list, byID)
	return list, nil
}

// list fills in added_tokens_decoder.
func (c *configJSON) list(tokens []AddedToken) {
	c.Added = make(map[string]decoderToken, len(tokens))
	for _, token := range tokens {
		c.Added[strconv.Itoa(int(token.ID))] = decoderToken{AddedToken: token}
	}
}

// check reports a setting that changes the pieces in a way that is not known.
func (c *configJSON) check() error {
	switch {
	case c.Basic != nil && !*c.Basic:
		return fmt.Errorf("do_basic_tokenize is false, want true: text would not be split before WordPiece")
	case c.WordType != "" && c.WordType != "basic":
		return fmt.Errorf("word_tokenizer_type is %q, which cuts Japanese with a dictionary; want \"basic\"", c.WordType)
	case c.SubwordType != "" && c.SubwordType != "wordpiece":
		return fmt.Errorf("subword_tokenizer_type is %q, want \"wordpiece\"", c.SubwordType)
	}
	return nil
}

// settle lets the configuration overrule a tokenizer.json as transformers does: on case,
// accents and CJK of a BertNormalizer, and on the space before a text.
func (c *configJSON) settle(t *tokenizerJSON) {
	if n := t.Normalizer; n != nil && n.Type == "BertNormalizer" {
		if c.LowerCase != nil {
			n.Lower = c.LowerCase
		}
		if c.Chinese != nil {
			n.Chinese = c.Chinese
		}
		if c.StripAccents.given {
			n.Accents = c.StripAccents
		}
	}
	if p := t.PreTokenizer; p != nil && p.Type == "ByteLevel" && c.Prefix != nil {
		p.Prefix = c.Prefix
	}
}
