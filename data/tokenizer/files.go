package tokenizer

import (
	"encoding/json"
	"path/filepath"
)

// bertFile makes a tokenizer.json of BERT's vocab.txt.
func bertFile(path string, s source) (*tokenizerJSON, error) {
	vocab, err := readVocab(path)
	if err != nil {
		return nil, err
	}
	n := s.names
	opt := Options{Cased: !s.lower(), Unknown: n.Unknown.Content, CLS: n.CLS.Content, SEP: n.SEP.Content, Added: []AddedToken{}}.withDefaults()
	t := opt.file(vocab)
	s.settle(t)
	return t, nil
}

// mpnetSpecials are MPNet's: RoBERTa's four come before BERT's pieces, but the unknown
// one is BERT's.
func mpnetSpecials() specials { return robertaSpecials("[UNK]") }

// mpnetFile makes a tokenizer.json of MPNet's vocab.txt, which is BERT's with RoBERTa's
// special tokens.
func mpnetFile(path string, s source) (*tokenizerJSON, error) {
	t, err := bertFile(path, s)
	if err == nil {
		t.PostProcessor = t.roberta(s.names)
	}
	return t, err
}

// roberta is the post-processor <s> a </s></s> b </s>, nil if a token is missing.
func (t *tokenizerJSON) roberta(n specials) *processorJSON {
	cls, sep, ok := t.ends(n)
	if !ok {
		return nil
	}
	return robertaProcessor(n.CLS.Content, n.SEP.Content, cls, sep)
}

// ends are the ids of what begins and what ends a text; ok is false if one is missing.
func (t *tokenizerJSON) ends(n specials) (cls, sep int32, ok bool) {
	cls, begins := t.id(n.CLS.Content)
	sep, ends := t.id(n.SEP.Content)
	return cls, sep, begins && ends
}

// id is the id of a piece or an added token.
func (t *tokenizerJSON) id(content string) (int32, bool) {
	if i := t.isAdded(content); i >= 0 {
		return t.AddedTokens[i].ID, true
	}
	for i := len(t.Model.Vocab.pieces) - 1; i >= 0; i-- {
		if e := t.Model.Vocab.pieces[i]; e.piece == content {
			return e.id, true
		}
	}
	return 0, false
}

// robertaFile makes a tokenizer.json of RoBERTa's vocab.json and merges.txt. Special
// tokens that the vocabulary lacks come after it, as GPT-2's has none of them. DeBERTa's
// is the same with BERT's special tokens: a pair is [CLS] a [SEP] [SEP] b [SEP], all of
// type 0, in transformers 5, where it was [CLS] a [SEP] b [SEP] before.
func robertaFile(path string, s source) (*tokenizerJSON, error) {
	t, err := byteLevelFile(path, s)
	if err == nil {
		t.PostProcessor = t.roberta(s.names)
	}
	return t, err
}

// byteLevelFile makes a tokenizer.json of vocab.json and merges.txt over bytes.
func byteLevelFile(path string, s source) (*tokenizerJSON, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	empty, no, yes := "", false, true
	t := &tokenizerJSON{
		Version: "1.0", PreTokenizer: &splitJSON{Type: "ByteLevel", Prefix: &no, Trim: &yes, UseRegex: &yes},
		Decoder: &splitJSON{Type: "ByteLevel", Prefix: &yes, Trim: &yes, UseRegex: &yes},
		Model:   modelJSON{Type: "BPE", ContinuingSubwordPrefix: &empty, EndOfWordSuffix: &empty, FuseUnk: &no, ByteFallback: &no, IgnoreMerges: &no},
	}
	if err := json.Unmarshal(content, &t.Model.Vocab); err != nil {
		return nil, jsonError(err)
	}
	if t.Model.Merges, err = readMerges(filepath.Join(filepath.Dir(path), mergesName)); err != nil {
		return nil, err
	}
	s.settle(t)
	for _, token := range s.names.all() {
		t.addNew([]AddedToken{*token})
	}
	return t, nil
}
