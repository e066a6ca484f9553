package inspect

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/powerbert/powerbert/data"
)

// devInTrain finds dev rows whose texts stand in train, letter by letter.
func devInTrain(l *look) (found []Finding) {
	first := l.train.firsts()
	for _, dev := range l.devs {
		f := Finding{Name: "dev in train", Set: dev.name, Of: len(dev.Examples),
			Remedy: "take them out of train, or the score says how well they are remembered"}
		for i := range dev.Examples {
			if at, in := first[key(&dev.Examples[i])]; in {
				p := dev.place(i)
				p.Like = l.train.at(at)
				f.Count++
				f.add(p)
			}
		}
		f.What = fmt.Sprintf("%d of %d rows (%s) stand in train, too", f.Count, f.Of, percent(f.Count, f.Of))
		found = append(found, f.list()...)
	}
	return found
}

// duplicates finds rows of a set that have the texts and the label of an earlier one.
func duplicates(l *look) []Finding {
	return l.each(func(p *part) Finding {
		f := Finding{Name: "duplicates", Set: p.name, Of: len(p.Examples),
			Remedy: "keep one of each, unless they are to weigh more"}
		for _, same := range p.sameTexts() {
			for k, i := range same {
				if at := p.agreeing(same[:k], i); at >= 0 {
					where := p.place(i)
					where.Like = p.at(at)
					f.Count++
					f.add(where)
				}
			}
		}
		f.What = fmt.Sprintf("%d of %d rows (%s) repeat an earlier one", f.Count, f.Of, percent(f.Count, f.Of))
		return f
	})
}

// contradictions finds rows of a set that have the texts of an earlier one, and another label.
func contradictions(l *look) []Finding {
	return l.each(func(p *part) Finding {
		f := Finding{Name: "contradictions", Set: p.name, Of: len(p.Examples),
			Remedy: "decide on one label, or take them out: no model can be right on all"}
		for _, same := range p.sameTexts() {
			for k, i := range same {
				if k > 0 && p.differ(same[0], i) {
					where := p.place(i)
					where.Like = p.at(same[0])
					f.Count++
					f.add(where)
				}
			}
		}
		f.What = fmt.Sprintf("%s the text of an earlier one and another %s", haveRows(f.Count), p.answer())
		return f
	})
}

// haveRows counts rows that have something.
func haveRows(n int) string {
	if n == 1 {
		return "1 row has"
	}
	return fmt.Sprintf("%d rows have", n)
}

// answer is what a row of the set says of its texts.
func (p *part) answer() string {
	if p.Problem.Labelled() {
		return "label"
	}
	return "score"
}

// sameTexts are the examples of each text that stands more than once and is not blank,
// in the order of the file.
func (p *part) sameTexts() (groups [][]int) {
	at := make(map[string]int, len(p.Examples)) // of the only one so far, or −1 − group
	for i := range p.Examples {
		k := key(&p.Examples[i])
		first, seen := at[k]
		switch {
		case blank(k):
		case !seen:
			at[k] = i
		case first >= 0:
			at[k] = -1 - len(groups)
			groups = append(groups, []int{first, i})
		default:
			groups[-1-first] = append(groups[-1-first], i)
		}
	}
	return groups
}

// firsts is the first example of each text that is not empty.
func (p *part) firsts() map[string]int {
	if p.first == nil {
		p.first = make(map[string]int, len(p.Examples))
		for i := range p.Examples {
			if k := key(&p.Examples[i]); k != "" {
				if _, seen := p.first[k]; !seen {
					p.first[k] = i
				}
			}
		}
	}
	return p.first
}

// agreeing is the first of some examples that does not differ from the i-th, −1 if all do.
func (p *part) agreeing(some []int, i int) int {
	for _, at := range some {
		if !p.differ(at, i) {
			return at
		}
	}
	return -1
}

// scoreGap is how far apart, in parts of the range of a set, scores are held to differ.
const scoreGap = 0.1

// differ tells whether two examples of the same texts have different labels or scores.
func (p *part) differ(i, j int) bool {
	a, b := &p.Examples[i], &p.Examples[j]
	for k, y := range a.Targets {
		if math.Abs(y-b.Targets[k]) > scoreGap*p.scoreRange(k) {
			return true
		}
	}
	return a.Label != b.Label
}

// scoreRange is the distance of the lowest k-th score from the highest.
func (p *part) scoreRange(k int) float64 {
	if p.Problem.Labelled() {
		return 0
	}
	least, most := math.Inf(1), math.Inf(-1)
	for i := range p.Examples {
		least, most = min(least, p.Examples[i].Targets[k]), max(most, p.Examples[i].Targets[k])
	}
	return most - least
}

// blanks finds rows with a text in which nothing can be seen.
func blanks(l *look) []Finding {
	return l.each(func(p *part) Finding {
		f := Finding{Name: "blank texts", Set: p.name, Of: len(p.Examples), Remedy: "take them out: they teach the model a label for nothing"}
		for i := range p.Examples {
			if p.blank(&p.Examples[i]) {
				f.Count++
				f.add(p.place(i))
			}
		}
		f.What = fmt.Sprintf("%d of %d rows have a blank text", f.Count, f.Of)
		return f
	})
}

// blank tells whether one of an example's texts is.
func (p *part) blank(e *data.Example) bool {
	return blank(e.Text) || p.Paired && blank(e.Pair)
}

// blank tells whether a text has nothing but spaces and what takes no place.
func blank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }) < 0
}
