package tokenizer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
)

// Names of a tokenizer's files in a Hugging Face directory.
const (
	vocabName  = "vocab.txt"
	spmName    = "spiece.model"
	jsonName   = "tokenizer.json"
	configName = "tokenizer_config.json"
)

// configJSON is tokenizer_config.json as far as it changes the pieces.
type configJSON struct {
	Class        string                  `json:"tokenizer_class,omitempty"`
	LowerCase    *bool                   `json:"do_lower_case,omitempty"`
	StripAccents setting                 `json:"strip_accents,omitzero"` // null is a value: as the case
	KeepAccents  *bool                   `json:"keep_accents,omitempty"` // of ALBERT
	Chinese      *bool                   `json:"tokenize_chinese_chars,omitempty"`
	Basic        *bool                   `json:"do_basic_tokenize,omitempty"`
	Unknown      tokenName               `json:"unk_token,omitempty"`
	CLS          tokenName               `json:"cls_token,omitempty"`
	SEP          tokenName               `json:"sep_token,omitempty"`
	Pad          tokenName               `json:"pad_token,omitempty"`
	Mask         tokenName               `json:"mask_token,omitempty"`
	Added        map[string]decoderToken `json:"added_tokens_decoder,omitempty"`
}

// decoderToken is an added token whose id is its key: the outer ID hides the
// inner one.
type decoderToken struct {
	ID *int32 `json:"id,omitempty"`
	AddedToken
}

// tokenName is a token in tokenizer_config.json: its text, or an object that
// holds it.
type tokenName string

// UnmarshalJSON reads either form; null is no token.
func (n *tokenName) UnmarshalJSON(content []byte) error {
	var object struct{ Content string }
	if len(content) > 0 && content[0] == '{' {
		err := json.Unmarshal(content, &object)
		*n = tokenName(object.Content)
		return err
	}
	return json.Unmarshal(content, (*string)(n))
}

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
	content, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(content, &c); err != nil {
		return c, &Error{File: path, Err: jsonError(err)}
	}
	return c, nil
}

// settle lets the configuration overrule opt on case, accents and CJK.
func (c configJSON) settle(opt Options) Options {
	if c.LowerCase != nil {
		opt.Cased = !*c.LowerCase
	}
	if c.Chinese != nil {
		opt.JoinChinese = !*c.Chinese
	}
	if c.StripAccents.given {
		opt.Accents = accents(c.StripAccents.value)
	}
	return opt
}

// options are those of a directory with vocab.txt and this configuration. It
// reports an error for a tokenizer that is not BERT's.
func (c configJSON) options() (Options, error) {
	opt := c.settle(Options{Unknown: string(c.Unknown), CLS: string(c.CLS), SEP: string(c.SEP)})
	if c.Class != "" && !slices.Contains(bertClasses, c.Class) {
		return opt, fmt.Errorf("tokenizer_class is %q, want \"BertTokenizer\"", c.Class)
	}
	if c.Basic != nil && !*c.Basic {
		return opt, fmt.Errorf("do_basic_tokenize is false, want true: text would not be split before WordPiece")
	}
	var err error
	opt.Added, err = c.added()
	return opt, err
}

// added are the tokens of added_tokens_decoder, by id; nil if there are none.
func (c configJSON) added() (list []AddedToken, err error) {
	for key, token := range c.Added {
		id, err := strconv.ParseInt(key, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("added_tokens_decoder: key %q is not an id", key)
		}
		token.AddedToken.ID = int32(id)
		list = append(list, token.AddedToken)
	}
	slices.SortFunc(list, func(a, b AddedToken) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// bertClasses are the tokenizers of transformers that cut text as BERT's does.
var bertClasses = []string{
	"BertTokenizer", "BertTokenizerFast",
	"DistilBertTokenizer", "DistilBertTokenizerFast",
	"ElectraTokenizer", "ElectraTokenizerFast",
	"MobileBertTokenizer", "MobileBertTokenizerFast",
	"ConvBertTokenizer", "ConvBertTokenizerFast",
}

// checkALBERT reports an error for a tokenizer that is not ALBERT's.
func (c configJSON) checkALBERT() error {
	if c.Class == "" || c.Class == "AlbertTokenizer" || c.Class == "AlbertTokenizerFast" {
		return nil
	}
	return fmt.Errorf("tokenizer_class is %q, want \"AlbertTokenizer\"", c.Class)
}
