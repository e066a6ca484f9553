package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
)

// processorJSON is the post_processor of a tokenizer.json: what is put around
// the pieces of one text or two.
type processorJSON struct {
	Type   string                 `json:"type"`
	Single []slotJSON             `json:"single,omitempty"`
	Pair   []slotJSON             `json:"pair,omitempty"`
	Tokens map[string]specialJSON `json:"special_tokens,omitempty"`

	// Of the older BertProcessing: ["[SEP]", 102].
	SEP []json.RawMessage `json:"sep,omitempty"`
	CLS []json.RawMessage `json:"cls,omitempty"`
}

// slotJSON is one place of a template: a special token or a text.
type slotJSON struct {
	SpecialToken *placeJSON `json:"SpecialToken,omitempty"`
	Sequence     *placeJSON `json:"Sequence,omitempty"`
}

type placeJSON struct {
	ID   string `json:"id"`
	Type int    `json:"type_id"`
}

type specialJSON struct {
	ID     string   `json:"id"`
	IDs    []int32  `json:"ids"`
	Tokens []string `json:"tokens"`
}

// bertTemplate is the processor that puts cls and sep where BERT wants them.
func bertTemplate(cls, sep string, clsID, sepID int32) *processorJSON {
	special := func(name string, id int32) specialJSON {
		return specialJSON{ID: name, IDs: []int32{id}, Tokens: []string{name}}
	}
	token := func(name string, kind int) slotJSON { return slotJSON{SpecialToken: &placeJSON{name, kind}} }
	text := func(name string, kind int) slotJSON { return slotJSON{Sequence: &placeJSON{name, kind}} }
	return &processorJSON{
		Type:   "TemplateProcessing",
		Single: []slotJSON{token(cls, 0), text("A", 0), token(sep, 0)},
		Pair:   []slotJSON{token(cls, 0), text("A", 0), token(sep, 0), text("B", 1), token(sep, 1)},
		Tokens: map[string]specialJSON{cls: special(cls, clsID), sep: special(sep, sepID)},
	}
}

// special is [CLS] or [SEP] under the name and the id that a processor has for
// it.
type special struct {
	name string
	id   int32
}

// special returns the tokens that the processor uses as [CLS] and [SEP], or an
// error if it does anything else than BERT's.
func (p *processorJSON) special() (cls, sep special, err error) {
	switch p.Type {
	case "BertProcessing":
		if cls, err = namedID("cls", p.CLS); err == nil {
			sep, err = namedID("sep", p.SEP)
		}
		return cls, sep, err
	case "TemplateProcessing":
		return p.template()
	}
	return cls, sep, fmt.Errorf("post_processor.type is %q, want \"TemplateProcessing\" or \"BertProcessing\"", p.Type)
}

// namedID reads ["[SEP]", 102].
func namedID(key string, pair []json.RawMessage) (s special, err error) {
	if len(pair) != 2 || json.Unmarshal(pair[0], &s.name) != nil || json.Unmarshal(pair[1], &s.id) != nil {
		return s, fmt.Errorf("post_processor.%s: want a token and its id, such as [\"[SEP]\", 102]", key)
	}
	return s, nil
}

func (p *processorJSON) template() (cls, sep special, err error) {
	if len(p.Single) == 3 && p.Single[0].SpecialToken != nil && p.Single[2].SpecialToken != nil {
		cls.name, sep.name = p.Single[0].SpecialToken.ID, p.Single[2].SpecialToken.ID
	}
	want := bertTemplate(cls.name, sep.name, 0, 0)
	if show(p.Single) != show(want.Single) || show(p.Pair) != show(want.Pair) {
		return cls, sep, fmt.Errorf("post_processor makes %q and %q, want BERT's %q and %q", show(p.Single), show(p.Pair),
			"[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1")
	}
	for _, s := range []*special{&cls, &sep} {
		ids := p.Tokens[s.name].IDs
		if len(ids) != 1 {
			return cls, sep, fmt.Errorf("post_processor.special_tokens: %q stands for %d ids, want 1", s.name, len(ids))
		}
		s.id = ids[0]
	}
	return cls, sep, nil
}

// show writes a template as the reference's documentation does.
func show(slots []slotJSON) string {
	var parts []string
	for _, s := range slots {
		switch {
		case s.SpecialToken != nil:
			parts = append(parts, fmt.Sprintf("%s:%d", s.SpecialToken.ID, s.SpecialToken.Type))
		case s.Sequence != nil:
			parts = append(parts, fmt.Sprintf("$%s:%d", s.Sequence.ID, s.Sequence.Type))
		}
	}
	return strings.Join(parts, " ")
}
