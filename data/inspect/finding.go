package inspect

import (
	"fmt"
	"strings"
)

// A Finding is something about the data that a person should decide on.
type Finding struct {
	Name     string  `json:"finding"` // of its kind, as "dev in train"
	Set      string  `json:"set"`     // or the file
	What     string  `json:"what"`    // was found, in words
	Count    int     `json:"count"`   // rows, labels or pieces that it is about
	Of       int     `json:"of"`      // how many there are
	Examples []Place `json:"examples"`
	Remedy   string  `json:"remedy"`
}

// A Place is where an example of a finding is.
type Place struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"` // 1-based; 0: none is known
	Text string `json:"text"`           // what stands there, cut to a line
	Like string `json:"like,omitempty"` // file and line of the row that it is held against
}

// mostPlaces is how many examples a finding shows.
const mostPlaces = 5

// add notes one more place, if there is room for it.
func (f *Finding) add(p Place) {
	if len(f.Examples) < mostPlaces {
		f.Examples = append(f.Examples, p)
	}
}

// list is the finding where there is something, and else none.
func (f Finding) list() []Finding {
	if f.Count == 0 {
		return nil
	}
	if f.Examples == nil {
		f.Examples = []Place{}
	}
	return []Finding{f}
}

// String is `set: what; remedy`, without the examples.
func (f Finding) String() string { return fmt.Sprintf("%s: %s; %s", f.Set, f.What, f.Remedy) }

// Where is `file:line`, and that of the row that it is like.
func (p Place) Where() string {
	s := place(p.File, p.Line)
	if p.Like != "" {
		s += " and " + p.Like
	}
	return s
}

// String is `file:line: text`, and what the row is like.
func (p Place) String() string {
	if p.Text != "" {
		return p.Where() + ": " + p.Text
	}
	return p.Where()
}

// Lines are the places of all examples in a line of text.
func (f Finding) Lines() string {
	var list []string
	for _, p := range f.Examples {
		if p.Line > 0 {
			list = append(list, place(p.File, p.Line))
		}
	}
	return strings.Join(list, ", ")
}

// place is `file:line`.
func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// mostRunes is how much of a text an example shows.
const mostRunes = 80

// short is a text on one line, cut.
func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > mostRunes {
		return string(r[:mostRunes-1]) + "…"
	}
	return text
}

// percent is a share in words.
func percent(part, whole int) string {
	return fmt.Sprintf("%.3g %%", 100*float64(part)/float64(max(whole, 1)))
}
