package data

import (
	"encoding/json"
	"strings"
)

// listSeparators are what labels of a cell are looked for between, in this order.
var listSeparators = []string{";", "|", ","}

// Lists are the labels of a column of which a row may have several.
type Lists struct {
	Separator string         // between the labels of a cell; "": a cell is a JSON array
	Rows      map[string]int // by label
}

// Lists guesses the labels of a column of lists, JSON arrays or texts with one separator
// between them; nil: a row has one value. Texts are lists where taking them apart leaves no
// more labels than there were values, and a label of a list stands in another value, too:
// else the sign may be part of a label.
func (c *Column) Lists() *Lists {
	if c.Filled == 0 || c.Numbers {
		return nil
	}
	if l := c.parted(""); l != nil {
		return l
	}
	for _, sign := range listSeparators {
		if l := c.parted(sign); l != nil && len(l.Rows) <= len(c.Values) && c.shared(sign) {
			return l
		}
	}
	return nil
}

// classes counts the labels, if they are short names; else 0.
func (l *Lists) classes() int {
	n := 0
	for label := range l.Rows {
		n += words(label)
	}
	if n > 4*len(l.Rows) {
		return 0
	}
	return len(l.Rows)
}

// parted takes the values apart, of which each must be a list or, with a separator, may be
// one label; nil: they are not, or hold fewer than two labels.
func (c *Column) parted(separator string) *Lists {
	l := &Lists{Separator: separator, Rows: map[string]int{}}
	lay := layout{several: separator}
	for value, rows := range c.Values {
		labels, err := lay.list(strings.TrimSpace(value))
		if err != nil {
			return nil
		}
		for _, label := range labels {
			l.Rows[label] += rows
		}
	}
	if len(l.Rows) < 2 {
		return nil
	}
	return l
}

// arrays tells whether every value is a JSON array of labels, or nothing.
func (c *Column) arrays() bool {
	for value := range c.Values {
		if _, err := (layout{}).list(strings.TrimSpace(value)); err != nil {
			return false
		}
	}
	return true
}

// shared tells whether a label that stands beside others in a value stands in another value.
func (c *Column) shared(separator string) bool {
	values, listed := map[string]int{}, map[string]bool{}
	lay := layout{several: separator}
	for value := range c.Values {
		labels, _ := lay.list(strings.TrimSpace(value))
		for _, label := range labels {
			values[label]++
			listed[label] = listed[label] || len(labels) > 1
		}
	}
	for label, is := range listed {
		if is && values[label] > 1 {
			return true
		}
	}
	return false
}

// arrayOf is a JSON array of labels as a cell of a table would have it; ok is false of any
// other value.
func arrayOf(raw json.RawMessage) (cell string, ok bool) {
	var array []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &array) != nil {
		return "", false
	}
	_, err := labelsOf(array)
	return string(raw), err == nil
}
