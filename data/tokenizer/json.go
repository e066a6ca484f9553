package tokenizer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// tokenizerJSON is a tokenizer.json. Its truncation and padding are not read: the
// caller of Encode names the length. Every tokenizer is made of one, whatever files it
// comes from.
type tokenizerJSON struct {
	Version       string         `json:"version"`
	Truncation    any            `json:"truncation"`
	Padding       any            `json:"padding"`
	AddedTokens   []AddedToken   `json:"added_tokens"`
	Normalizer    *stepJSON      `json:"normalizer"`
	PreTokenizer  *splitJSON     `json:"pre_tokenizer"`
	PostProcessor *processorJSON `json:"post_processor"`
	Decoder       any            `json:"decoder"`
	Model         modelJSON      `json:"model"`

	original []byte // spiece.model, if it was made of that
}

// modelJSON is the model of a tokenizer.json, of whatever type.
type modelJSON struct {
	Type                    string     `json:"type"`
	UnkToken                *string    `json:"unk_token,omitempty"`                 // of WordPiece and BPE
	ContinuingSubwordPrefix *string    `json:"continuing_subword_prefix,omitempty"` // of the same
	MaxInputCharsPerWord    *int       `json:"max_input_chars_per_word,omitempty"`  // of WordPiece
	UnkID                   *int       `json:"unk_id,omitempty"`                    // of Unigram
	ByteFallback            *bool      `json:"byte_fallback,omitempty"`             // of Unigram and BPE
	Dropout                 *float64   `json:"dropout,omitempty"`                   // of BPE, as the next
	EndOfWordSuffix         *string    `json:"end_of_word_suffix,omitempty"`        //
	FuseUnk                 *bool      `json:"fuse_unk,omitempty"`                  //
	IgnoreMerges            *bool      `json:"ignore_merges,omitempty"`             //
	Vocab                   vocabulary `json:"vocab"`
	Merges                  merges     `json:"merges,omitzero"` // of BPE
}

// readJSON reads a tokenizer.json.
func readJSON(path string) (*tokenizerJSON, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	t := &tokenizerJSON{}
	if err := json.Unmarshal(content, t); err != nil {
		return nil, &Error{File: path, Err: jsonError(err)}
	}
	if t.Model.Type == "" {
		t.Model.Type = t.Model.kind()
	}
	t.Version, t.Truncation, t.Padding = "1.0", nil, nil
	t.placeAdded()
	return t, nil
}

// kind is the type of a model that does not say it, as older files do not.
func (m *modelJSON) kind() string {
	switch {
	case m.Vocab.scored:
		return "Unigram"
	case m.Merges != nil:
		return "BPE"
	}
	return "WordPiece"
}

// build makes the tokenizer. What is neither said by the file nor by n has no token.
func (t *tokenizerJSON) build(n specials) (Tokenizer, error) {
	if len(t.Model.Vocab.pieces) == 0 {
		return nil, fmt.Errorf("model.vocab is missing or empty")
	}
	switch t.Model.Type {
	case "WordPiece":
		return either(newWordPiece(t, n))
	case "Unigram":
		return either(newUnigram(t, n))
	case "BPE":
		return either(newBPE(t, n))
	}
	return nil, fmt.Errorf("model.type is %q, want WordPiece, Unigram or BPE", t.Model.Type)
}

// either makes a Tokenizer of one kind of it; a nil one is none.
func either[T Tokenizer](t T, err error) (Tokenizer, error) {
	if err != nil {
		return nil, err
	}
	return t, nil
}

// placeAdded gives the added tokens the ids that the reference gives them: those of the
// vocabulary, and after it the next ones, whatever the file has.
func (t *tokenizerJSON) placeAdded() {
	ids, next := t.Model.Vocab.ids(), int32(t.Model.size())
	for i := range t.AddedTokens {
		token := &t.AddedTokens[i]
		id, ok := ids[token.Content]
		if !ok && token.Content != "" {
			id = next
			ids[token.Content] = id
			next++
		}
		token.ID = id
	}
}

// size is how many pieces the reference counts.
func (m *modelJSON) size() int {
	if m.Vocab.scored {
		return len(m.Vocab.pieces)
	}
	return len(m.Vocab.ids())
}

// has tells whether the normalizer has a step of that type.
func (n *stepJSON) has(kind string) bool {
	if n == nil {
		return false
	}
	for i := range n.Steps {
		if n.Steps[i].has(kind) {
			return true
		}
	}
	return n.Type == kind
}

// has tells whether the pre-tokenizer has a step of that type.
func (p *splitJSON) has(kind string) bool {
	if p == nil {
		return false
	}
	for i := range p.Steps {
		if p.Steps[i].has(kind) {
			return true
		}
	}
	return p.Type == kind
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

func value[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
