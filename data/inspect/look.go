package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
)

// A look is what the detectors go by.
type look struct {
	src   data.Source
	tok   tokenizer.Tokenizer
	train *part   // with what is held out of it
	devs  []*part // one or two

	learned, held *part // the two parts of train; nil: nothing is held out
}

// A part is a set under the name that findings call it by.
type part struct {
	*data.Set
	name   string
	pieces []data.Encoded // of its examples

	first map[string]int // see firsts; nil: not asked for
}

// detectors are all of them, in the order in which findings are told.
var detectors = []func(*look) []Finding{
	devInTrain, nearTrain, duplicates, contradictions, blanks,
	fewOfClass, mostlyOneClass, sameLabels, identifiers, giveaways, unknowns, cuts, unread,
}

// Look inspects the sets of a source. pieces are the word-pieces of every set, as
// Sets.Encode returns them. Rows that are held out count as training rows.
func Look(src data.Source, sets *data.Sets, pieces map[*data.Set][]data.Encoded, tok tokenizer.Tokenizer) []Finding {
	found := []Finding{}
	if src.Task == data.TaskDemo {
		return found
	}
	l := &look{src: src, tok: tok}
	sets.Each(func(name string, set *data.Set) {
		switch p := (&part{Set: set, name: name, pieces: pieces[set]}); {
		case set == sets.Train:
			l.train = p
		case set == sets.HeldOut:
			l.learned, l.held = l.train, p
			l.train = l.train.with(p)
		default:
			l.devs = append(l.devs, p)
		}
	})
	for _, detect := range detectors {
		found = append(found, detect(l)...)
	}
	return found
}

// with is the part and another one of the same file.
func (p *part) with(q *part) *part {
	set := *p.Set
	set.Examples = slices.Concat(p.Examples, q.Examples)
	return &part{Set: &set, name: p.name, pieces: slices.Concat(p.pieces, q.pieces)}
}

// parts are all of them, train first.
func (l *look) parts() []*part { return append([]*part{l.train}, l.devs...) }

// each is the findings of one function on all parts.
func (l *look) each(find func(*part) Finding) (found []Finding) {
	for _, p := range l.parts() {
		found = append(found, find(p).list()...)
	}
	return found
}

// column names the i-th text, as the source does if it does.
func (l *look) column(i int) string {
	if i < len(l.src.Text) {
		return fmt.Sprintf("column %q", l.src.Text[i])
	}
	return []string{"the text", "the second text"}[i]
}

// labelled tells whether the labels are classes that mean the same in every row.
func (p *part) labelled() bool { return p.Problem.Labelled() && !p.Problem.Chosen() }

// place is where the i-th example stands.
func (p *part) place(i int) Place {
	e := &p.Examples[i]
	return Place{File: p.file(i), Line: e.Line, Text: short(strings.Join(e.Texts(), " | "))}
}

// file is that of the i-th example.
func (p *part) file(i int) string { return cmp.Or(p.Examples[i].File, p.Path) }

// at is the file and line of the i-th example.
func (p *part) at(i int) string { return place(p.file(i), p.Examples[i].Line) }

// key is the same for examples of the same texts, letter by letter.
func key(e *data.Example) string { return strings.Join(e.Texts(), "\x00") }
