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

// normalizer is the clean-up that the options ask for.
func (o Options) normalizer() normalizer {
	strip := o.Accents == AccentsStrip || o.Accents == AccentsFollowCase && !o.Cased
	return normalizer{clean: !o.KeepControls, chinese: !o.JoinChinese, strip: strip, lower: !o.Cased}
}
