package tokenizer

import "slices"

// Accents says what becomes of accents and other nonspacing marks.
type Accents int

// AccentsFollowCase strips accents if and only if the case is lowered: BERT's
// strip_accents: null.
const (
	AccentsFollowCase Accents = iota
	AccentsStrip
	AccentsKeep
)

// Options are the settings of a BERT tokenizer. The zero value is
// bert-base-uncased's.
type Options struct {
	Cased        bool         // keep capitals (do_lower_case: false)
	Accents      Accents      // strip_accents
	JoinChinese  bool         // do not set CJK characters apart (tokenize_chinese_chars: false)
	KeepControls bool         // do not drop control characters (clean_text: false)
	MaxWordRunes int          // longer words are unknown; 0 means 100
	Prefix       string       // of pieces that continue a word; "" means "##"
	Unknown      string       // "" means "[UNK]"
	CLS, SEP     string       // "" means "[CLS]", "[SEP]"
	Added        []AddedToken // nil means [PAD] [UNK] [CLS] [SEP] [MASK] as far as the vocabulary has them
}

// withDefaults fills in what is empty, and copies what is not its own.
func (o Options) withDefaults() Options {
	def := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	def(&o.Prefix, "##")
	def(&o.Unknown, "[UNK]")
	def(&o.CLS, "[CLS]")
	def(&o.SEP, "[SEP]")
	if o.MaxWordRunes == 0 {
		o.MaxWordRunes = 100
	}
	o.Added = slices.Clone(o.Added)
	return o
}

// strip is the setting of the accents as JSON has it: nil is null.
func (o Options) strip() *bool {
	if o.Accents == AccentsFollowCase {
		return nil
	}
	strip := o.Accents == AccentsStrip
	return &strip
}

// normalizer is the clean-up that the options ask for.
func (o Options) normalizer() normalizer { return o.step().bert() }

// step is the same as a part of a file.
func (o Options) step() *stepJSON {
	clean, chinese, lower := !o.KeepControls, !o.JoinChinese, !o.Cased
	return &stepJSON{Type: "BertNormalizer", Clean: &clean, Chinese: &chinese, Accents: setting{true, o.strip()}, Lower: &lower}
}

// specials are the names of the special tokens.
func (o Options) specials() specials {
	n := bertSpecials()
	n.Unknown.Content, n.CLS.Content, n.SEP.Content = o.Unknown, o.CLS, o.SEP
	return n
}

// file is the tokenizer.json of a vocabulary with these options.
func (o Options) file(vocab []string) *tokenizerJSON {
	t := &tokenizerJSON{
		Version: "1.0", Normalizer: o.step(), PreTokenizer: &splitJSON{Type: "BertPreTokenizer"}, AddedTokens: o.Added,
		Decoder: wordPieceDecoder(o.Prefix),
		Model: modelJSON{Type: "WordPiece", UnkToken: &o.Unknown, ContinuingSubwordPrefix: &o.Prefix, MaxInputCharsPerWord: &o.MaxWordRunes,
			Vocab: listed(vocab)},
	}
	ids := t.Model.Vocab.ids()
	if o.Added == nil {
		t.AddedTokens = o.specials().among(ids)
	}
	if cls, ok := ids[o.CLS]; ok {
		if sep, ok := ids[o.SEP]; ok {
			t.PostProcessor = bertTemplate(o.CLS, o.SEP, cls, sep)
		}
	}
	return t
}

func wordPieceDecoder(prefix string) any {
	return map[string]any{"type": "WordPiece", "prefix": prefix, "cleanup": true}
}
