package mistakes

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/problem"
)

// An Error is an example of which a model says what is not so.
type Error struct {
	File        string   `json:"file"`
	Line        int      `json:"line,omitempty"` // of the file, where the row begins; 0: it has none
	Example     int      `json:"example"`        // its number in the set, from 1
	Gold        string   `json:"gold"`           // the label, the labels or the scores that are true
	Said        string   `json:"said"`
	Label       string   `json:"label,omitempty"`       // of labels by themselves the one that is most surely wrong
	Missed      bool     `json:"missed,omitempty"`      // Label is true, and not said
	Probability *float64 `json:"probability,omitempty"` // of what is said, or of Label; none of scores
	Residual    *float64 `json:"residual,omitempty"`    // said − gold; of several scores the root of the mean square
	Loss        float64  `json:"loss"`                  // of the truth, in nats; of scores the mean squared error
	Text        string   `json:"text"`
	Pair        string   `json:"pair,omitempty"`
	Options     []string `json:"options,omitempty"`
	// Places of rows with the same texts that have another label, or score: one of them is
	// wrong whatever a model says.
	Contradicts []string `json:"contradicts,omitempty"`
}

// Worst lists the n examples of a set on which outputs are most surely wrong, in the order of
// problem.Outputs.Faults; below 0 all of them. Texts that have other labels elsewhere in the
// set, or in the other sets, say where.
func Worst(set *data.Set, out *problem.Outputs, n int, others ...*data.Set) []Error {
	faults := out.Faults()
	if n >= 0 && n < len(faults) {
		faults = faults[:n]
	}
	list := make([]Error, 0, len(faults))
	same := alike(set, faults, others)
	for _, f := range faults {
		e := &set.Examples[f.Example]
		found := Error{File: cmp.Or(e.File, set.Path), Line: e.Line, Example: f.Example + 1, Gold: out.Truth(set.Labels, f.Example),
			Said: out.Kind.Decide(set.Labels, out.Thresholds, out.Logits[f.Example]).String(), Loss: f.Loss,
			Text: e.Text, Pair: e.Pair, Options: e.Options, Contradicts: same[textOf(e)].against(set, e)}
		found.judge(set, out, f)
		list = append(list, found)
	}
	return list
}

// judge fills in by how much the answer is wrong.
func (e *Error) judge(set *data.Set, out *problem.Outputs, f problem.Fault) {
	if out.Kind.Labelled() {
		e.Probability = &f.Probability
		if out.Kind.Several() {
			e.Label, e.Missed = set.Labels[f.Class], f.Missed
		}
		return
	}
	residual := math.Sqrt(f.Loss)
	if row := out.Logits[f.Example]; len(row) == 1 {
		residual = float64(row[0]) - out.Targets[f.Example][0]
	}
	e.Residual = &residual
}

// Sureness says how sure the wrong answer is: its probability, of labels by themselves which
// one is missed or falsely said, and of scores by how much they are off.
func (e *Error) Sureness() string {
	switch {
	case e.Residual != nil:
		return fmt.Sprintf("%+.2f", *e.Residual)
	case e.Missed:
		return fmt.Sprintf("%s missed at %.3f", e.Label, *e.Probability)
	case e.Label != "":
		return fmt.Sprintf("%s said at %.3f", e.Label, *e.Probability)
	}
	return fmt.Sprintf("%.3f", *e.Probability)
}

// Place is where the example is: the file with the line, or the number of the example.
func (e *Error) Place() string { return place(e.File, e.Line, e.Example) }

func place(file string, line, example int) string {
	if line == 0 {
		return fmt.Sprintf("%s, example %d", file, example)
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// A row is an example of some set.
type row struct {
	set *data.Set
	at  int
}

// rows are those of one text.
type rows []row

// textOf is what makes texts the same.
func textOf(e *data.Example) string {
	return strings.Join(append([]string{e.Text, e.Pair}, e.Options...), "\x00")
}

// alike finds all rows of the texts that are answered wrongly.
func alike(set *data.Set, faults []problem.Fault, others []*data.Set) map[string]rows {
	same := make(map[string]rows, len(faults))
	for _, f := range faults {
		same[textOf(&set.Examples[f.Example])] = nil
	}
	for _, s := range append([]*data.Set{set}, others...) {
		for i := range s.Examples {
			text := textOf(&s.Examples[i])
			if list, wanted := same[text]; wanted {
				same[text] = append(list, row{s, i})
			}
		}
	}
	return same
}

// against lists the places of the rows that have another answer than an example of a set.
func (r rows) against(set *data.Set, e *data.Example) (places []string) {
	answer := set.Answer(e)
	for _, other := range r {
		o := &other.set.Examples[other.at]
		if said := other.set.Answer(o); said != answer {
			places = append(places, fmt.Sprintf("%s has %s", place(cmp.Or(o.File, other.set.Path), o.Line, other.at+1), cmp.Or(said, "none")))
		}
	}
	return places
}
