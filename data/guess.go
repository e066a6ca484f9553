package data

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Names that label columns and texts have, the most telling first, and those of pairs.
var (
	labelNames = []string{"label", "labels", "class", "category", "target", "sentiment", "stars", "rating", "topic", "intent", "score", "y", "tags"}
	textNames  = []string{"text", "sentence", "review", "content", "body", "message", "comment", "document", "description", "tweet", "title"}
	pairNames  = [][2]string{{"sentence1", "sentence2"}, {"premise", "hypothesis"}, {"question1", "question2"}, {"question", "answer"}, {"question", "sentence"}, {"text_a", "text_b"}, {"text1", "text2"}}
)

// mostClasses is how many values a column of labels has at most, if its name says nothing.
const mostClasses = 50

// Text guesses the columns of text: a pair by its names, else the one with most words
// among those with a name that says so, or among all. No column but label counts.
func (l *Look) Text(label string) []string {
	for _, pair := range pairNames {
		if a, b := l.named(pair[0]), l.named(pair[1]); a != nil && b != nil {
			return []string{a.Name, b.Name}
		}
	}
	var best *Column
	for i := range l.Columns {
		c := &l.Columns[i]
		if c.Name == label || c.Nested || c.Numbers || c.Filled == 0 || c.arrays() {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(c.textual(), best.textual()), cmp.Compare(c.Words(), best.Words())) > 0 {
			best = c
		}
	}
	if best == nil {
		return nil
	}
	return []string{best.Name}
}

// textual is how much a column looks like text: several words in the mean, and a name.
func (c *Column) textual() int {
	n := 0
	if c.Words() > 2 {
		n += 2
	}
	if slices.Contains(textNames, strings.ToLower(c.Name)) {
		n++
	}
	return n
}

// Label guesses the column of labels: by its name, else the one with fewest values, which
// come more than once each; "": none looks like it.
func (l *Look) Label() string {
	for _, name := range labelNames {
		if c := l.named(name); c != nil && (c.Labels() && (len(c.Values) < l.Rows || c.Numbers) || c.Lists() != nil) {
			return c.Name
		}
	}
	var best *Column
	for i := range l.Columns {
		c := &l.Columns[i]
		if n := c.classes(); n > 0 && n <= min(mostClasses, l.Rows/2) && (best == nil || n < best.classes()) {
			best = c
		}
	}
	if best == nil {
		return ""
	}
	return best.Name
}

// classes counts the labels of a column that may be one of labels, of short names; 0 of any
// other.
func (c *Column) classes() int {
	if l := c.Lists(); l != nil {
		return l.classes()
	}
	if !c.Labels() || c.Many || c.Words() > 4 {
		return 0
	}
	return len(c.Values)
}

// Labels tells whether a column can be one of labels, or scores: all rows have one, and
// not the same. Of Lists a row may have none.
func (c *Column) Labels() bool {
	return !c.Nested && !c.arrays() && c.Values[""] == 0 && c.Filled > 0 && len(c.Values) > 1 && (!c.Many || c.Numbers)
}

// Scores tells whether the values of a column are scores, rather than labels: numbers of
// which there are many, or parts of a whole.
func (c *Column) Scores() bool {
	if !c.Numbers || !c.Many && len(c.Values) <= 10 {
		return false
	}
	return c.Many || slices.ContainsFunc(slices.Collect(maps.Keys(c.Values)), func(v string) bool { return strings.ContainsAny(v, ".eE") })
}

// Column is that of a name; nil where there is none.
func (l *Look) Column(name string) *Column {
	for i := range l.Columns {
		if l.Columns[i].Name == name {
			return &l.Columns[i]
		}
	}
	return nil
}

// named is the column of a name in any case; nil where there is none.
func (l *Look) named(name string) *Column {
	for i := range l.Columns {
		if strings.EqualFold(l.Columns[i].Name, name) {
			return &l.Columns[i]
		}
	}
	return nil
}
