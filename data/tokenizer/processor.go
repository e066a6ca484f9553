package tokenizer

import (
	"encoding/json"
	"fmt"
)

// processorJSON is the post_processor of a tokenizer.json: what is put around
// the pieces of one text or two.
type processorJSON struct {
	Type   string                 `json:"type"`
	Single []slotJSON             `json:"single,omitempty"`
	Pair   []slotJSON             `json:"pair,omitempty"`
	Tokens map[string]specialJSON `json:"special_tokens,omitempty"`

	// Of BertProcessing and RobertaProcessing: ["[SEP]", 102].
	SEP *namedID `json:"sep,omitempty"`
	CLS *namedID `json:"cls,omitempty"`

	Steps  []processorJSON `json:"processors,omitempty"`       // of Sequence
	Trim   *bool           `json:"trim_offsets,omitempty"`     // of RobertaProcessing and ByteLevel, as the next
	Prefix *bool           `json:"add_prefix_space,omitempty"` //
	Regex  *bool           `json:"use_regex,omitempty"`        // of ByteLevel
}

// slotJSON is one place of a template: a special token or a text.
type slotJSON struct {
	SpecialToken *placeJSON `json:"SpecialToken,omitempty"`
	Sequence     *placeJSON `json:"Sequence,omitempty"`
}

type placeJSON struct {
	ID   string `json:"id"`
	Type int32  `json:"type_id"`
}

type specialJSON struct {
	ID     string   `json:"id"`
	IDs    []int32  `json:"ids"`
	Tokens []string `json:"tokens"`
}

// namedID is a token and its id.
type namedID struct {
	name string
	id   int32
}

// UnmarshalJSON reads ["[SEP]", 102].
func (n *namedID) UnmarshalJSON(content []byte) error {
	var pair []json.RawMessage
	if json.Unmarshal(content, &pair) != nil || len(pair) != 2 || json.Unmarshal(pair[0], &n.name) != nil || json.Unmarshal(pair[1], &n.id) != nil {
		return fmt.Errorf("post_processor: %.40s, want a token and its id, such as [\"[SEP]\", 102]", content)
	}
	return nil
}

// MarshalJSON writes ["[SEP]",102].
func (n namedID) MarshalJSON() ([]byte, error) { return json.Marshal([]any{n.name, n.id}) }

// bertTemplate is the processor that makes cls a sep b sep, the second text of type 1.
func bertTemplate(cls, sep string, clsID, sepID int32) *processorJSON {
	special := func(name string, id int32) specialJSON {
		return specialJSON{ID: name, IDs: []int32{id}, Tokens: []string{name}}
	}
	token := func(name string, kind int32) slotJSON { return slotJSON{SpecialToken: &placeJSON{name, kind}} }
	text := func(name string, kind int32) slotJSON { return slotJSON{Sequence: &placeJSON{name, kind}} }
	return &processorJSON{
		Type:   "TemplateProcessing",
		Single: []slotJSON{token(cls, 0), text("A", 0), token(sep, 0)},
		Pair:   []slotJSON{token(cls, 0), text("A", 0), token(sep, 0), text("B", 1), token(sep, 1)},
		Tokens: map[string]specialJSON{cls: special(cls, clsID), sep: special(sep, sepID)},
	}
}

// robertaProcessor makes cls a sep sep b sep, all of type 0.
func robertaProcessor(cls, sep string, clsID, sepID int32) *processorJSON {
	yes, no := true, false
	return &processorJSON{Type: "RobertaProcessing", SEP: &namedID{sep, sepID}, CLS: &namedID{cls, clsID}, Trim: &yes, Prefix: &no}
}

// placing are the steps that put something around texts, or are not known: all but
// ByteLevel, which is about offsets.
func (p *processorJSON) placing() (list []*processorJSON) {
	switch {
	case p == nil || p.Type == "ByteLevel":
		return nil
	case p.Type != "Sequence":
		return []*processorJSON{p}
	}
	for i := range p.Steps {
		list = append(list, p.Steps[i].placing()...)
	}
	return list
}

// templates are what the processor makes of one text and of two.
func (p *processorJSON) templates() (single, pair template, err error) {
	switch p.Type {
	case "BertProcessing", "RobertaProcessing":
		if p.CLS == nil || p.SEP == nil {
			return nil, nil, fmt.Errorf("post_processor: %s without cls or sep", p.Type)
		}
		cls, sep := []int32{p.CLS.id}, []int32{p.SEP.id}
		single = template{{ids: cls}, {text: 1}, {ids: sep}}
		if p.Type == "BertProcessing" {
			return single, template{{ids: cls}, {text: 1}, {ids: sep}, {text: 2, kind: 1}, {ids: sep, kind: 1}}, nil
		}
		return single, template{{ids: cls}, {text: 1}, {ids: sep}, {ids: sep}, {text: 2}, {ids: sep}}, nil
	case "TemplateProcessing":
		if single, err = p.template("single", p.Single, 1); err == nil {
			pair, err = p.template("pair", p.Pair, 2)
		}
		return single, pair, err
	}
	return nil, nil, fmt.Errorf("post_processor.type is %q, want TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel or Sequence", p.Type)
}

// template reads one of a TemplateProcessing, which has each of so many texts once.
func (p *processorJSON) template(name string, slots []slotJSON, texts int) (template, error) {
	var t template
	seen := map[string]int{}
	for _, s := range slots {
		switch {
		case s.SpecialToken != nil:
			special, ok := p.Tokens[s.SpecialToken.ID]
			if !ok {
				return nil, fmt.Errorf("post_processor.%s: %q is not in special_tokens", name, s.SpecialToken.ID)
			}
			if len(special.IDs) != len(special.Tokens) {
				return nil, fmt.Errorf("post_processor.special_tokens: %q has %d ids and %d tokens", s.SpecialToken.ID, len(special.IDs), len(special.Tokens))
			}
			t = append(t, slot{ids: special.IDs, kind: s.SpecialToken.Type})
		case s.Sequence != nil && (s.Sequence.ID == "A" || s.Sequence.ID == "B"):
			seen[s.Sequence.ID]++
			t = append(t, slot{text: 1 + int(s.Sequence.ID[0]-'A'), kind: s.Sequence.Type})
		}
	}
	for _, s := range t {
		if s.kind < 0 || s.kind > 1 {
			return nil, fmt.Errorf("post_processor.%s: type_id is %d, want 0 or 1", name, s.kind)
		}
	}
	if seen["A"] != 1 || seen["B"] != texts-1 {
		return nil, fmt.Errorf("post_processor.%s has the first text %d times and the second %d times, want 1 and %d", name, seen["A"], seen["B"], texts-1)
	}
	return t, nil
}

// check reports a token whose id in the processor is another than in the vocabulary.
func (p *processorJSON) check(ids map[string]int32) error {
	var all []namedID
	for _, s := range p.Tokens {
		for i := range min(len(s.IDs), len(s.Tokens)) {
			all = append(all, namedID{s.Tokens[i], s.IDs[i]})
		}
	}
	for _, n := range []*namedID{p.CLS, p.SEP} {
		if n != nil {
			all = append(all, *n)
		}
	}
	for _, n := range all {
		if id, ok := ids[n.name]; !ok || id != n.id {
			return fmt.Errorf("post_processor: %q has id %d, another one than in the vocabulary", n.name, n.id)
		}
	}
	return nil
}
