package data

import (
	"fmt"
	"math"
	"slices"

	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/metric"
)

// A Summary describes the sets of a task as a model will see them.
type Summary struct {
	Task      string       `json:"task"`
	MaxLength int          `json:"max_length"`
	Pieces    int          `json:"vocabulary"` // size of the vocabulary
	Sets      []SetSummary `json:"sets"`       // train, dev, and a second dev set that the task may have
}

// A SetSummary describes one set.
type SetSummary struct {
	Name     string        `json:"set"`
	Path     string        `json:"path"`
	Examples int           `json:"examples"`
	Inputs   int           `json:"inputs"`           // sequences: examples, or options of all of them
	Labels   []LabelCount  `json:"labels,omitempty"` // or ranges of the scores; of texts without labels none
	Skipped  []Malformed   `json:"skipped"`
	Lengths  LengthSummary `json:"lengths"` // of sequences in word-pieces, with [CLS] and [SEP], before anything is cut
	Cut      CutSummary    `json:"cut"`
	Padding  float64       `json:"padding"` // share of padding if every input were padded to max_length
	Samples  []Sample      `json:"samples"`
}

// A LabelCount is how many examples have a label, or a score within a range.
type LabelCount struct {
	Label string  `json:"label"`
	Count int     `json:"count"`
	Share float64 `json:"share"`
}

// A LengthSummary is percentiles by nearest rank.
type LengthSummary struct {
	Mean float64 `json:"mean"`
	Min  int     `json:"min"`
	P50  int     `json:"p50"`
	P90  int     `json:"p90"`
	P95  int     `json:"p95"`
	P99  int     `json:"p99"`
	Max  int     `json:"max"`
}

// A CutSummary is what max_length takes away.
type CutSummary struct {
	Inputs int     `json:"inputs"` // inputs that are too long
	Pieces int     `json:"pieces"` // word-pieces they lose together
	Share  float64 `json:"share"`  // of all word-pieces
}

// A Sample is an example with the pieces that are left of it.
type Sample struct {
	Line   int      `json:"line,omitempty"`
	Label  string   `json:"label"` // or the score
	Text   string   `json:"text"`
	Pair   string   `json:"pair,omitempty"` // second text, or the right option
	Pieces []string `json:"pieces"`
}

// Summarise describes the sets of a task, with so many samples of each. pieces are those
// of Sets.Encode.
func Summarise(task string, maxLength int, tok tokenizer.Tokenizer, sets *Sets, pieces map[*Set][]Encoded, samples int) Summary {
	s := Summary{Task: task, MaxLength: maxLength, Pieces: tok.Size()}
	count := countLabels
	if train := sets.Train; !train.Problem.Labelled() {
		count = scoreRanges(train)
	}
	add := func(name string, set *Set) *SetSummary {
		s.Sets = append(s.Sets, SetSummary{
			Name: name, Path: set.Name(),
			Examples: len(set.Examples), Skipped: append([]Malformed{}, set.Skipped...),
		})
		one := &s.Sets[len(s.Sets)-1]
		one.measure(pieces[set], maxLength)
		return one
	}
	sets.Each(func(name string, set *Set) {
		one := add(name, set)
		one.Labels = count(set)
		one.sample(set, pieces[set], tok, samples)
	})
	if u := sets.Unlabelled; u != nil {
		add("unlabelled", u)
	}
	return s
}

// Labelled are the sets that have labels.
func (s Summary) Labelled() (sets []SetSummary) {
	for _, set := range s.Sets {
		if set.Labels != nil {
			sets = append(sets, set)
		}
	}
	return sets
}

func countLabels(set *Set) []LabelCount {
	var list []LabelCount
	for i, count := range set.Counts() {
		list = append(list, LabelCount{set.Labels[i], count, ratio(count, len(set.Examples))})
	}
	return list
}

// ranges are ranges of scores, each of the same width but the last, which ends with
// the highest.
type ranges struct{ least, width float64 }

// scoreBins is how many ranges scores are counted in.
const scoreBins = 5

// scoreRanges cuts up the range of each score of a set, and returns what counts those of
// sets by it.
func scoreRanges(train *Set) func(set *Set) []LabelCount {
	var of []ranges
	for k := range train.Labels {
		least, most := math.Inf(1), math.Inf(-1)
		for _, e := range train.Examples {
			least, most = min(least, e.Targets[k]), max(most, e.Targets[k])
		}
		of = append(of, ranges{least, (most - least) / scoreBins})
	}
	return func(set *Set) (list []LabelCount) {
		for k, r := range of {
			name := ""
			if len(of) > 1 {
				name = set.Labels[k] + " "
			}
			list = append(list, r.count(set, k, name)...)
		}
		return list
	}
}

// count counts the k-th scores of a set; those outside go to the nearest range. Its labels
// begin with a name.
func (r ranges) count(set *Set, k int, name string) []LabelCount {
	list := make([]LabelCount, scoreBins)
	for i := range list {
		list[i].Label = fmt.Sprintf("%s%.4g to %.4g", name, r.least+float64(i)*r.width, r.least+float64(i+1)*r.width)
	}
	for _, e := range set.Examples {
		i := 0
		if r.width > 0 {
			i = int(min(max((e.Targets[k]-r.least)/r.width, 0), scoreBins-1))
		}
		list[i].Count++
	}
	for i := range list {
		list[i].Share = ratio(list[i].Count, len(set.Examples))
	}
	return list
}

// measure fills in what depends on lengths.
func (s *SetSummary) measure(encoded []Encoded, maxLength int) {
	var whole []int
	pieces, kept := 0, 0
	for i := range encoded {
		for e := range encoded[i].Sequences() {
			whole = append(whole, len(e.IDs)+e.Cut)
			pieces += len(e.IDs) + e.Cut
			kept += len(e.IDs)
			if e.Cut > 0 {
				s.Cut.Inputs++
				s.Cut.Pieces += e.Cut
			}
		}
	}
	s.Inputs = len(whole)
	s.Cut.Share = ratio(s.Cut.Pieces, pieces)
	s.Padding = 1 - ratio(kept, maxLength*len(whole))
	slices.Sort(whole)
	at := func(percent int) int { return metric.Percentile(whole, percent) }
	s.Lengths = LengthSummary{ratio(pieces, len(whole)), at(0), at(50), at(90), at(95), at(99), at(100)}
}

// sample picks n examples spread over the set, the labels taking turns.
func (s *SetSummary) sample(set *Set, encoded []Encoded, tok tokenizer.Tokenizer, n int) {
	n = min(n, len(encoded))
	for i := range n {
		at := nextOf(set, i%len(set.Labels), i*len(encoded)/n)
		example, read := set.Examples[at], encoded[at]
		one := Sample{Line: example.Line, Label: set.Answer(&example), Text: example.Text, Pair: example.Pair}
		if set.Problem.Chosen() {
			one.Pair, read = example.Options[example.Label], read.Choices[example.Label]
		}
		if read.Windows != nil {
			read = read.Windows[0]
		}
		for _, id := range read.IDs {
			one.Pieces = append(one.Pieces, tok.Token(id))
		}
		s.Samples = append(s.Samples, one)
	}
}

// nextOf is the first example of a label from index at on, or else at itself.
func nextOf(set *Set, label, at int) int {
	for i := range set.Examples[at:] {
		if e := &set.Examples[at+i]; set.Problem.Labelled() && set.Has(e, label) {
			return at + i
		}
	}
	return at
}

func ratio(part, whole int) float64 { return float64(part) / float64(max(whole, 1)) }
