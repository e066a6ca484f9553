package inspect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/powerbert/powerbert/data/shingles"
)

// What makes a class small: fewer rows than leastRows, or a smaller share of all than
// leastShare, or, where there are more than ten classes, than a fifth of an even share.
const (
	leastRows  = 8
	leastShare = 0.02
	evenShare  = 0.2
)

// mostShare is the share from which on one class is nearly all.
const mostShare = 0.95

// fewOfClass finds labels with few training rows.
func fewOfClass(l *look) (found []Finding) {
	if !l.train.labelled() {
		return nil
	}
	floor := min(leastShare, evenShare/float64(len(l.train.Labels)))
	for label, n := range l.train.Counts() {
		if n >= leastRows && float64(n) >= floor*float64(len(l.train.Examples)) {
			continue
		}
		f := Finding{Name: "few of a label", Set: l.train.name, Count: n, Of: len(l.train.Examples), Examples: []Place{},
			What: fmt.Sprintf("label %q has %d of %d rows (%s), want %d or more and %.3g %%", l.train.Labels[label], n,
				len(l.train.Examples), percent(n, len(l.train.Examples)), leastRows, 100*floor),
			Remedy: "get more of them, join the label with another one, or choose data.metric: macro_f1, which sees it"}
		for i := range l.train.Examples {
			if l.train.Has(&l.train.Examples[i], label) {
				f.add(l.train.place(i))
			}
		}
		found = append(found, f)
	}
	return found
}

// mostlyOneClass finds a label that nearly all training rows have.
func mostlyOneClass(l *look) (found []Finding) {
	if !l.train.labelled() {
		return nil
	}
	for label, n := range l.train.Counts() {
		f := Finding{Name: "one label", Set: l.train.name, Of: len(l.train.Examples),
			What: fmt.Sprintf("label %q has %s of the rows: who always says it is as often right", l.train.Labels[label],
				percent(n, len(l.train.Examples))),
			Remedy: "get more of the others, and choose data.metric: macro_f1 or matthews"}
		if float64(n) > mostShare*float64(len(l.train.Examples)) {
			f.Count = n
		}
		found = append(found, f.list()...)
	}
	return found
}

// sameLabels finds labels that differ only in case, space or the way a number is written.
func sameLabels(l *look) (found []Finding) {
	if !l.train.labelled() {
		return nil
	}
	groups, order := map[string][]int{}, []string{}
	for id, label := range l.train.Labels {
		k := labelKey(label)
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], id)
	}
	for _, k := range order {
		if len(groups[k]) > 1 {
			found = append(found, l.train.oneLabel(groups[k]))
		}
	}
	return found
}

// oneLabel is the finding of labels that are the same.
func (p *part) oneLabel(ids []int) Finding {
	f := Finding{Name: "label typos", Set: p.name, Count: len(ids), Of: len(p.Labels),
		Remedy: p.alike(ids)}
	counts := p.Counts()
	var list []string
	for _, id := range ids {
		list = append(list, fmt.Sprintf("%q (%d of %d rows)", p.Labels[id], counts[id], len(p.Examples)))
		for i := range p.Examples {
			if p.Has(&p.Examples[i], id) {
				f.add(p.place(i))
				break
			}
		}
	}
	f.What = "the labels " + strings.Join(list, " and ") + " look like one"
	return f
}

// labelKey is the same for labels that look like one: a number's value, or the label in
// lower case without spaces and what stands for them.
func labelKey(label string) string {
	if x, err := strconv.ParseFloat(strings.TrimSpace(label), 64); err == nil {
		return fmt.Sprint(x)
	}
	k := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '_' || r == '-' {
			return -1
		}
		return r
	}, shingles.Normal(label))
	if k == "" {
		return label
	}
	return k
}

// mostListed is the most labels that a remedy lists.
const mostListed = 12

// alike says how labels that are the same become the most frequent of them: in data.labels,
// which lists all labels.
func (p *part) alike(ids []int) string {
	counts, name := p.Counts(), ids[0]
	for _, id := range ids {
		if counts[id] > counts[name] {
			name = id
		}
	}
	var words []string
	for id, label := range p.Labels {
		same := slices.Contains(ids, id)
		if len(p.Labels) > mostListed && !same {
			continue
		}
		as := label
		if same {
			as = p.Labels[name]
		}
		words = append(words, fmt.Sprintf("%q: %q", label, as))
	}
	if len(p.Labels) > mostListed {
		return fmt.Sprintf("write them alike in the file, or list all labels in data.labels, these as {%s}", strings.Join(words, ", "))
	}
	return fmt.Sprintf("write them alike in the file, or set data.labels: {%s}", strings.Join(words, ", "))
}
