package budget

import (
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/retention"
)

// A Candidate is a model at a price: some or all of stage 1's encoders, and how many
// word-vectors each keeps.
type Candidate struct {
	Name    string  `json:"candidate"`           // retention.ListLearned, ListGeometric, or METHOD-LAYERS of a student
	Student string  `json:"student,omitempty"`   // METHOD-LAYERS; "": all encoders
	Keep    []int   `json:"retention,omitempty"` // l_j of its encoders; none: it removes nothing
	Share   float64 `json:"share"`               // of the multiply-adds of dense BERT, as executed
	Took    float64 `json:"ms,omitempty"`        // of the batch of a price in time
}

// Same tells whether two candidates are one model.
func (c *Candidate) Same(other *Candidate) bool {
	return c.Student == other.Student && slices.Equal(c.Keep, other.Keep)
}

// String is the candidate in a line.
func (c *Candidate) String() string {
	if len(c.Keep) == 0 {
		return fmt.Sprintf("%s at %.3f of the multiply-adds", c.Name, c.Share)
	}
	return fmt.Sprintf("%s %v at %.3f of the multiply-adds", c.Name, c.Keep, c.Share)
}

// A Field is what candidates are made of: stage 1's model, and what the search learned.
type Field struct {
	Encoders int       // of stage 1's model
	Length   int       // N, which counts refer to
	Mass     []float64 // of the search; none: it was not asked
	// Cost is the part that a model of so many of the encoders costs of the whole one,
	// keeping these counts; none: all word-vectors.
	Cost func(encoders int, keep []int) float64
}

// Names are the candidates that compete where none are named: the list that needs no search,
// and three students, the largest that meets the target as it is and the next two, which meet
// it by eliminating.
func (f *Field) Names(target float64) []string {
	names, first := []string{retention.ListGeometric}, max(f.fitting(target), 1)
	for k := first; k < min(first+3, f.Encoders); k++ {
		names = append(names, configs.StudentStage(configs.MethodDistilBERT, k))
	}
	return names
}

// fitting is how many encoders, but not all, meet the target dense; 0: not even one does.
func (f *Field) fitting(target float64) int {
	k := 0
	for k+1 < f.Encoders && f.Cost(k+1, nil) <= target {
		k++
	}
	return k
}

// Candidate makes the candidate of a name that costs a target, from below: as near as
// whole word-vectors come. A student that costs less as it is removes nothing. ok is false
// where the least that it can keep costs more, or where it is no student of these encoders.
func (f *Field) Candidate(name string, target float64) (c Candidate, ok bool) {
	c.Name = name
	encoders := f.Encoders
	if _, layers, student := configs.ParseStudent(name); student {
		c.Student, encoders = name, layers
		if layers >= f.Encoders {
			return c, false
		}
		if c.Share = f.Cost(layers, nil); c.Share <= target {
			return c, true
		}
	}
	at := func(q float64) []float64 { return retention.Geometric(encoders, f.Length, q) }
	if name == retention.ListLearned {
		at = f.learned
	}
	cost := func(keep []int) float64 { return f.Cost(encoders, keep) }
	if c.Keep, ok = retention.Meet(target, f.Length, at, cost); ok {
		c.Share = cost(c.Keep)
	}
	return c, ok
}

// learned is the masses of the search scaled from nothing, at 0, until all are N, at 1.
func (f *Field) learned(x float64) []float64 {
	return retention.Scaled(f.Mass, f.Length, x*float64(f.Length)/max(slices.Min(f.Mass), 1e-3))
}

// Candidates makes those of some names that can meet a target, no two of them the same
// model, in the order of the names.
func (f *Field) Candidates(names []string, target float64) []Candidate {
	var list []Candidate
	for _, name := range names {
		c, ok := f.Candidate(name, target)
		if ok && !slices.ContainsFunc(list, func(other Candidate) bool { return other.Same(&c) }) {
			list = append(list, c)
		}
	}
	return list
}

// Like makes the candidate at a target that is of the kind of one that won at another: of
// the same list, or a student as much larger than the one that fits. ok is false where it
// can not meet the target.
func (f *Field) Like(winner *Candidate, wonAt, target float64) (c Candidate, ok bool) {
	method, layers, student := configs.ParseStudent(winner.Student)
	if !student {
		return f.Candidate(winner.Name, target)
	}
	layers += f.fitting(target) - f.fitting(wonAt)
	for layers = min(max(layers, 1), f.Encoders-1); layers > 0 && !ok; layers-- {
		c, ok = f.Candidate(configs.StudentStage(method, layers), target)
	}
	return c, ok
}

// Least is the smallest share that any of some candidates can cost.
func (f *Field) Least(names []string) float64 {
	encoders := f.Fewest(names)
	return f.Cost(encoders, slices.Repeat([]int{1}, encoders))
}

// Fewest is how many encoders the smallest of some candidates has.
func (f *Field) Fewest(names []string) int {
	fewest := f.Encoders
	for _, name := range names {
		if _, layers, student := configs.ParseStudent(name); student {
			fewest = min(fewest, layers)
		}
	}
	return fewest
}
