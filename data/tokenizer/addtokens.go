package tokenizer

import "slices"

// nextID is the id that the reference gives an added token that a vocabulary of so many
// pieces does not have.
func nextID(added []AddedToken, size int) int32 {
	next := int32(size)
	for _, token := range added {
		next = max(next, token.ID+1)
	}
	return next
}

// isAdded is the place of an added token of that content; -1 is none.
func (t *tokenizerJSON) isAdded(content string) int {
	return slices.IndexFunc(t.AddedTokens, func(a AddedToken) bool { return a.Content == content })
}

// addListed adds tokens that come with an id. Those that are there get the flags alone.
func (t *tokenizerJSON) addListed(list []AddedToken) {
	for _, token := range list {
		if i := t.isAdded(token.Content); i >= 0 {
			token.ID = t.AddedTokens[i].ID
			t.AddedTokens[i] = token
		} else {
			t.AddedTokens = append(t.AddedTokens, token)
		}
	}
}

// addSpecials adds the named special tokens that are pieces of the vocabulary.
func (t *tokenizerJSON) addSpecials(n specials) {
	for _, token := range n.among(t.Model.Vocab.ids()) {
		if t.isAdded(token.Content) < 0 {
			t.AddedTokens = append(t.AddedTokens, token)
		}
	}
}

// addNew adds tokens, as pieces of the vocabulary or, if it lacks them, after it.
func (t *tokenizerJSON) addNew(list []AddedToken) {
	ids := t.Model.Vocab.ids()
	for _, token := range list {
		if token.Content == "" || t.isAdded(token.Content) >= 0 {
			continue
		}
		id, ok := ids[token.Content]
		if !ok {
			id = nextID(t.AddedTokens, t.Model.size())
		}
		token.ID = id
		t.AddedTokens = append(t.AddedTokens, token)
	}
}
