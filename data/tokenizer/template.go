package tokenizer

import "fmt"

// A template is what a text, or a pair of texts, becomes with its special tokens.
type template []slot

// A slot is a place of a template.
type slot struct {
	text int     // 1 or 2: the pieces of that text; 0: ids
	ids  []int32 //
	kind int32   // the type of what stands here, the token_type_id of transformers
}

// special is how many ids stand beside the texts.
func (t template) special() int {
	n := 0
	for _, s := range t {
		n += len(s.ids)
	}
	return n
}

// fill is the encoding of the pieces of one text, or two.
func (t template) fill(first, second []int32) Encoding {
	n := len(first) + len(second) + t.special()
	e := Encoding{IDs: make([]int32, 0, n), Types: make([]int32, n)}
	for _, s := range t {
		part := s.ids
		switch s.text {
		case 1:
			part = first
		case 2:
			part = second
		}
		if s.kind != 0 {
			for i := range part {
				e.Types[len(e.IDs)+i] = s.kind
			}
		}
		e.IDs = append(e.IDs, part...)
	}
	return e
}

// ends are the ids at the start and after the text of a template for one.
func (t template) ends() (cls, sep int32, err error) {
	for i, s := range t {
		if s.text == 0 {
			continue
		}
		if i == 0 || i == len(t)-1 || len(t[0].ids) == 0 || len(t[i+1].ids) == 0 {
			return 0, 0, fmt.Errorf("post_processor puts no token before a text, or none after it; want both, as [CLS] and [SEP]")
		}
		return t[0].ids[0], t[i+1].ids[0], nil
	}
	return 0, 0, nil
}

// typed tells whether there is a type but 0.
func (t template) typed() bool {
	for _, s := range t {
		if s.kind != 0 {
			return true
		}
	}
	return false
}

// untyped is the template with the type 0 alone.
func (t template) untyped() template {
	out := make(template, len(t))
	for i, s := range t {
		s.kind = 0
		out[i] = s
	}
	return out
}

// processor is the TemplateProcessing of a template for one text and that for two.
func (t template) processor(pair template, tokens []string) *processorJSON {
	p := &processorJSON{Type: "TemplateProcessing", Tokens: map[string]specialJSON{}}
	slots := func(t template) (list []slotJSON) {
		for _, s := range t {
			if s.text > 0 {
				list = append(list, slotJSON{Sequence: &placeJSON{string(rune('A' + s.text - 1)), s.kind}})
			}
			for _, id := range s.ids {
				name := tokens[id]
				p.Tokens[name] = specialJSON{ID: name, IDs: []int32{id}, Tokens: []string{name}}
				list = append(list, slotJSON{SpecialToken: &placeJSON{name, s.kind}})
			}
		}
		return list
	}
	p.Single, p.Pair = slots(t), slots(pair)
	return p
}
