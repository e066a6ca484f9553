package tokenizer

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// specials are the special tokens that transformers has names for; those without
// content there are not.
type specials struct{ BOS, EOS, Unknown, SEP, Pad, CLS, Mask AddedToken }

// special is a special token.
func special(content string) AddedToken { return AddedToken{Content: content, Special: true} }

// bertSpecials are BERT's.
func bertSpecials() specials {
	return specials{Unknown: special("[UNK]"), SEP: special("[SEP]"), Pad: special("[PAD]"), CLS: special("[CLS]"), Mask: special("[MASK]")}
}

// robertaSpecials are RoBERTa's, with an unknown piece of that name.
func robertaSpecials(unknown string) specials {
	return specials{BOS: special("<s>"), EOS: special("</s>"), Unknown: special(unknown), SEP: special("</s>"), Pad: special("<pad>"), CLS: special("<s>"), Mask: special("<mask>")}
}

// debertaSpecials are DeBERTa's: BERT's, which are also the first and the last token.
func debertaSpecials() specials {
	n := bertSpecials()
	n.BOS, n.EOS = n.CLS, n.SEP
	return n
}

// albertSpecials are ALBERT's. [MASK] takes the space before it along.
func albertSpecials() specials {
	n := debertaSpecials()
	n.Unknown, n.Pad = special("<unk>"), special("<pad>")
	n.Mask.LStrip = true
	return n
}

// all are the tokens in the order in which transformers adds them.
func (n *specials) all() []*AddedToken {
	return []*AddedToken{&n.BOS, &n.EOS, &n.Unknown, &n.SEP, &n.Pad, &n.CLS, &n.Mask}
}

// among are those that have an id, sorted by it.
func (n specials) among(ids map[string]int32) []AddedToken {
	list := []AddedToken{}
	for _, token := range n.all() {
		id, ok := ids[token.Content]
		if ok && token.Content != "" && !slices.ContainsFunc(list, func(t AddedToken) bool { return t.ID == id }) {
			token.ID = id
			list = append(list, *token)
		}
	}
	slices.SortFunc(list, byID)
	return list
}

func byID(a, b AddedToken) int { return int(a.ID) - int(b.ID) }

// named is a token in a configuration: its text, or an object that holds it and its
// flags.
type named struct {
	AddedToken
	flags bool // it came with flags
}

// UnmarshalJSON reads either form; null is no token.
func (n *named) UnmarshalJSON(content []byte) error {
	if len(content) > 0 && content[0] == '{' {
		n.flags = true
		return json.Unmarshal(content, &n.AddedToken)
	}
	return json.Unmarshal(content, &n.Content)
}

// MarshalJSON writes the text alone: the flags stand among the added tokens.
func (n named) MarshalJSON() ([]byte, error) { return json.Marshal(n.Content) }

// over puts a configuration's token in the place of the usual one, whose flags stay if
// it has none.
func (n *named) over(token *AddedToken) {
	switch {
	case n == nil || n.Content == "":
	case n.flags:
		*token = n.AddedToken
		token.Special = true
	default:
		token.Content = n.Content
	}
}

// manyTokens are tokens in a configuration, in a list or each under a name of its own.
type manyTokens []AddedToken

// UnmarshalJSON reads either form. The tokens are special.
func (m *manyTokens) UnmarshalJSON(content []byte) error {
	var list []named
	if len(content) > 0 && content[0] == '{' {
		err := inOrder(content, func(_ string, value json.RawMessage) error {
			var n named
			err := json.Unmarshal(value, &n)
			list = append(list, n)
			return err
		})
		if err != nil {
			return err
		}
	} else if err := json.Unmarshal(content, &list); err != nil {
		return err
	}
	for _, n := range list {
		n.Special = true
		*m = append(*m, n.AddedToken)
	}
	return nil
}

// otherTokens are the tokens that a configuration has under other names than the usual
// ones, as "question_token". They are special.
type otherTokens []AddedToken

// UnmarshalJSON reads them out of a whole configuration.
func (o *otherTokens) UnmarshalJSON(content []byte) error {
	return inOrder(content, func(key string, value json.RawMessage) error {
		var n named
		usual := slices.Contains([]string{"bos", "eos", "unk", "sep", "pad", "cls", "mask"}, strings.TrimSuffix(key, "_token"))
		if !usual && strings.HasSuffix(key, "_token") && json.Unmarshal(value, &n) == nil && n.Content != "" {
			n.Special = true
			*o = append(*o, n.AddedToken)
		}
		return nil
	})
}

// inOrder calls use for the members of an object, in their order.
func inOrder(content []byte, use func(key string, value json.RawMessage) error) error {
	items := json.NewDecoder(bytes.NewReader(content))
	if _, err := items.Token(); err != nil {
		return err
	}
	for items.More() {
		key, err := items.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := items.Decode(&value); err != nil {
			return err
		}
		if err := use(key.(string), value); err != nil {
			return err
		}
	}
	return nil
}
