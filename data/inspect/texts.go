package inspect

import (
	"fmt"
	"iter"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/shingles"
)

// identifier is what looks like one: a number with a few letters before it, or hex digits.
var identifier = regexp.MustCompile(`^([[:alpha:]]{0,8}[-_#:/]?[0-9]+|[0-9a-fA-F]{8,64}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`)

// identifiers finds a text column that is an id: every value another one, and a number or
// hex digits.
func identifiers(l *look) (found []Finding) {
	for column := range 2 {
		if column == 1 && !l.train.Paired || len(l.train.Examples) < leastRows || l.train.Problem.Chosen() {
			break
		}
		f := Finding{Name: "an id as text", Set: l.train.name, Of: len(l.train.Examples),
			What:   fmt.Sprintf("%s holds numbers or ids, each once, and no texts", l.column(column)),
			Remedy: "name another column in data.text"}
		if values := textsOf(l.train, column); allIDs(values) {
			f.Count = f.Of
			for i := range min(mostPlaces, len(values)) {
				f.add(Place{l.train.file(i), l.train.Examples[i].Line, short(values[i]), ""})
			}
		}
		found = append(found, f.list()...)
	}
	return found
}

// textsOf are the values of one of the two text columns.
func textsOf(p *part, column int) []string {
	values := make([]string, len(p.Examples))
	for i := range p.Examples {
		values[i] = [...]string{p.Examples[i].Text, p.Examples[i].Pair}[column]
	}
	return values
}

// allIDs tells whether all values look like ids and are distinct.
func allIDs(values []string) bool {
	seen := make(map[string]bool, len(values))
	for _, v := range values {
		if _, err := strconv.ParseFloat(v, 64); err != nil && !identifier.MatchString(v) || seen[v] {
			return false
		}
		seen[v] = true
	}
	return true
}

// What makes a word give the label away: it stands in giveawayRows of the training rows,
// more than giveawayShare of these have one label, which is as unlikely to come about by
// chance as giveawayChance for any word of the set, and it stands in giveawayReach of the
// label's rows: where rows are few, every topic has words of its own in a fifth of its own.
const (
	giveawayRows   = 0.02
	giveawayShare  = 0.995
	giveawayChance = 1e-3
	giveawayReach  = 0.3
)

// A count is how many rows of each label have a word.
type count struct {
	rows   int
	labels []int
	last   int // row that was counted, from 1
}

// giveaways finds words that give the label away.
func giveaways(l *look) (found []Finding) {
	if !l.train.labelled() {
		return nil
	}
	p, counts := l.train, countWords(l.train)
	all := p.Counts()
	var list []string
	for w, c := range counts {
		label, most := argmax(c.labels)
		base := float64(all[label]) / float64(len(p.Examples))
		if float64(c.rows) >= giveawayRows*float64(len(p.Examples)) && float64(most) > giveawayShare*float64(c.rows) &&
			float64(most) >= giveawayReach*float64(all[label]) &&
			surprise(c.rows, most, base) > math.Log(float64(len(counts))/giveawayChance) {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		if d := counts[b].rows - counts[a].rows; d != 0 {
			return d
		}
		return slices.Compare([]byte(a), []byte(b))
	})
	for _, w := range list[:min(len(list), mostWords)] {
		found = append(found, p.giveaway(w, counts[w], len(list)))
	}
	return found
}

// mostWords is how many words that give a label away are told of.
const mostWords = 10

// giveaway is the finding of a word.
func (p *part) giveaway(w string, c *count, words int) Finding {
	label, most := argmax(c.labels)
	f := Finding{Name: "gives the label away", Set: p.name, Count: c.rows, Of: len(p.Examples),
		What: fmt.Sprintf("%q stands in %d rows (%s), %d of them with label %q", w, c.rows, percent(c.rows, len(p.Examples)),
			most, p.Labels[label]),
		Remedy: "take it out of the texts, unless texts in use will have it, too"}
	if words > mostWords {
		f.What += fmt.Sprintf(" (one of %d such words)", words)
	}
	for i := range p.Examples {
		if len(f.Examples) < mostPlaces && hasWord(&p.Examples[i], w) {
			f.add(p.place(i))
		}
	}
	return f
}

// countWords counts the rows of each word, by label. Runs of signs are words.
func countWords(p *part) map[string]*count {
	counts := map[string]*count{}
	for i := range p.Examples {
		for w := range wordsOf(&p.Examples[i]) {
			if counts[w] == nil {
				counts[w] = &count{labels: make([]int, len(p.Labels))}
			}
			counts[w].see(p, i)
		}
	}
	return counts
}

// see counts row i, once however often it has the word.
func (c *count) see(p *part, i int) {
	if c.last == i+1 {
		return
	}
	c.last = i + 1
	c.rows++
	for label := range c.labels {
		if p.Has(&p.Examples[i], label) {
			c.labels[label]++
		}
	}
}

// wordsOf are the words of an example's texts.
func wordsOf(e *data.Example) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, text := range e.Texts() {
			for w := range shingles.EachWord(shingles.Normal(text), true) {
				if !yield(w) {
					return
				}
			}
		}
	}
}

// hasWord tells whether an example has a word.
func hasWord(e *data.Example, wanted string) bool {
	for w := range wordsOf(e) {
		if w == wanted {
			return true
		}
	}
	return false
}

// argmax is the first of the largest numbers, and that number.
func argmax(numbers []int) (at, most int) {
	for i, n := range numbers {
		if n > most {
			at, most = i, n
		}
	}
	return at, most
}

// surprise is −log of a bound on the chance that of n rows so many or more have a label
// of which every row has the same chance: n·KL(share ‖ base) (Chernoff 1952; Hoeffding 1963).
func surprise(n, most int, base float64) float64 {
	share := float64(most) / float64(n)
	sum := share * math.Log(share/base)
	if share < 1 {
		sum += (1 - share) * math.Log((1-share)/(1-base))
	}
	return float64(n) * sum
}
