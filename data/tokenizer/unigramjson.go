package tokenizer

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// unigramJSON is tokenizer.json as far as an ALBERT tokenizer uses it.
type unigramJSON struct {
	Version       string         `json:"version"`
	Truncation    any            `json:"truncation"`
	Padding       any            `json:"padding"`
	AddedTokens   []AddedToken   `json:"added_tokens"`
	Normalizer    *stepJSON      `json:"normalizer"`
	PreTokenizer  *splitJSON     `json:"pre_tokenizer"`
	PostProcessor *processorJSON `json:"post_processor"`
	Decoder       *splitJSON     `json:"decoder"`
	Model         modelJSON      `json:"model"`
}

type modelJSON struct {
	Type         string   `json:"type"`
	UnkID        *int     `json:"unk_id"`
	Vocab        []scored `json:"vocab"`
	ByteFallback bool     `json:"byte_fallback"`
}

// splitJSON is a pre_tokenizer: Metaspace, or white space and then Metaspace.
type splitJSON struct {
	Type        string      `json:"type"`
	Steps       []splitJSON `json:"pretokenizers,omitempty"`
	Replacement string      `json:"replacement,omitempty"`
	Prefix      *bool       `json:"add_prefix_space,omitempty"` // of older files
	Scheme      string      `json:"prepend_scheme,omitempty"`
	Split       *bool       `json:"split,omitempty"`
}

// UnmarshalJSON reads ["▁the", -3.07].
func (s *scored) UnmarshalJSON(content []byte) error {
	var pair []json.RawMessage
	if json.Unmarshal(content, &pair) != nil || len(pair) != 2 ||
		json.Unmarshal(pair[0], &s.piece) != nil || json.Unmarshal(pair[1], &s.score) != nil {
		return fmt.Errorf("model.vocab: %.40s, want a piece and its score, such as [\"▁the\", -3.07]", content)
	}
	return nil
}

// MarshalJSON writes ["▁the",-3.07].
func (s scored) MarshalJSON() ([]byte, error) { return json.Marshal([]any{s.piece, s.score}) }

// readUnigram reads the content of a tokenizer.json with Unigram.
func readUnigram(path string, content []byte) (*Unigram, error) {
	var t unigramJSON
	if err := json.Unmarshal(content, &t); err != nil {
		return nil, &Error{File: path, Err: jsonError(err)}
	}
	u, err := t.unigram()
	if err != nil {
		return nil, &Error{File: path, Err: err}
	}
	return u, nil
}

// unigram makes the tokenizer of a file's content.
func (t *unigramJSON) unigram() (*Unigram, error) {
	opt := unigramOptions{unknown: -1, added: append([]AddedToken{}, t.AddedTokens...)}
	switch {
	case len(t.Model.Vocab) == 0:
		return nil, fmt.Errorf("model.vocab is missing or empty")
	case t.Model.UnkID == nil:
		return nil, fmt.Errorf("model.unk_id is missing, want the id of the unknown piece")
	case t.Model.ByteFallback:
		return nil, fmt.Errorf("model.byte_fallback is true, want false")
	case t.PreTokenizer == nil:
		return nil, fmt.Errorf("pre_tokenizer is missing, want Metaspace")
	}
	opt.unknown = *t.Model.UnkID
	if t.Normalizer != nil {
		opt.normalizer = *t.Normalizer
	}
	var err error
	if opt.spaces, err = t.PreTokenizer.spaces(); err != nil {
		return nil, err
	}
	if t.PostProcessor == nil {
		return newUnigram(t.Model.Vocab, opt)
	}
	cls, sep, err := t.PostProcessor.special()
	if err != nil {
		return nil, err
	}
	opt.cls, opt.sep = cls.name, sep.name
	u, err := newUnigram(t.Model.Vocab, opt)
	if err != nil {
		return nil, err
	}
	return u, cmp.Or(u.place(cls), u.place(sep))
}

// place checks that the processor and the vocabulary mean the same token.
func (u *Unigram) place(s special) error {
	if id, ok := u.ID(s.name); !ok || id != s.id {
		return fmt.Errorf("post_processor: %q has id %d, another one than in the vocabulary", s.name, s.id)
	}
	return nil
}

// spaces tells whether words end at all white space, or says what is not ALBERT's.
func (s *splitJSON) spaces() (bool, error) {
	if s.Type == "Sequence" && len(s.Steps) == 2 && s.Steps[0].Type == "WhitespaceSplit" {
		return true, s.Steps[1].metaspace()
	}
	return false, s.metaspace()
}

func (s *splitJSON) metaspace() error {
	switch {
	case s.Type != "Metaspace":
		return fmt.Errorf("pre_tokenizer.type is %q, want \"Metaspace\", or a Sequence of WhitespaceSplit and Metaspace", s.Type)
	case s.Replacement != meta:
		return fmt.Errorf("pre_tokenizer.replacement is %q, want %q", s.Replacement, meta)
	case s.Scheme != "" && s.Scheme != "always":
		return fmt.Errorf("pre_tokenizer.prepend_scheme is %q, want \"always\"", s.Scheme)
	case !value(s.Prefix, true):
		return fmt.Errorf("pre_tokenizer.add_prefix_space is false, want true")
	case !value(s.Split, true):
		return fmt.Errorf("pre_tokenizer.split is false, want true")
	}
	return nil
}

// JSON is the tokenizer as the text of a tokenizer.json.
func (u *Unigram) JSON() ([]byte, error) {
	yes := true
	m := splitJSON{Type: "Metaspace", Replacement: meta, Scheme: "always", Split: &yes}
	t := unigramJSON{
		Version: "1.0", AddedTokens: u.opt.added, PreTokenizer: &m, Decoder: &m,
		PostProcessor: bertTemplate(u.opt.cls, u.opt.sep, u.cls, u.sep),
		Model:         modelJSON{Type: "Unigram", UnkID: &u.opt.unknown},
	}
	if u.opt.normalizer.Type != "" {
		t.Normalizer = &u.opt.normalizer
	}
	if u.opt.spaces {
		t.PreTokenizer = &splitJSON{Type: "Sequence", Steps: []splitJSON{{Type: "WhitespaceSplit"}, m}}
	}
	for id, score := range u.scores {
		t.Model.Vocab = append(t.Model.Vocab, scored{u.tokens[id], score})
	}
	text, err := json.MarshalIndent(t, "", "  ")
	return append(text, '\n'), err
}
