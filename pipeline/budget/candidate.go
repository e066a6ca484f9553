package budget

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/retention"
)

// A Candidate is a model at a price: some or all of stage 1's encoders, or of their neurons, and
// how many word-vectors each keeps.
type Candidate struct {
	Name    string  `json:"candidate"`           // retention.ListLearned, ListGeometric, configs.Narrow, or METHOD-LAYERS of a student
	Student string  `json:"student,omitempty"`   // METHOD-LAYERS, or narrow-NEURONS; "": all of stage 1's model
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
	of := c.Name
	if neurons, narrow := configs.ParseNarrow(c.Student); narrow {
		of += fmt.Sprintf(" (%d neurons)", neurons)
	}
	if len(c.Keep) > 0 {
		of += fmt.Sprintf(" %v", c.Keep)
	}
	return fmt.Sprintf("%s at %.3f of the multiply-adds", of, c.Share)
}

// A Field is what candidates are made of: stage 1's model, and what the search learned.
type Field struct {
	Shape            // of stage 1's model
	Length int       // N, which counts refer to
	Mass   []float64 // of the search; none: it was not asked
	// Cost is the part that a model of a shape costs of the whole one, keeping these counts;
	// none: all word-vectors.
	Cost func(s Shape, keep []int) float64
}

// A Shape is what makes one model of a family larger than another.
type Shape struct {
	Encoders int
	Neurons  int // of the feed-forward layer of each encoder
}

// Names are the candidates that compete where none are named: the list that needs no search,
// fewer neurons, and two students, the largest that meets the target as it is and the next,
// which meets it by eliminating.
func (f *Field) Names(target float64) []string {
	names, first := []string{retention.ListGeometric}, max(f.fitting(target), 1)
	if _, ok := f.shape(f.narrow(target)); ok {
		names = append(names, configs.Narrow)
	}
	for k := first; k < min(first+2, f.Encoders); k++ {
		names = append(names, configs.StudentStage(configs.MethodDistilBERT, k))
	}
	return names
}

// fitting is how many encoders, but not all, meet the target dense; 0: not even one does.
func (f *Field) fitting(target float64) int {
	k := 0
	for k+1 < f.Encoders && f.Cost(Shape{k + 1, f.Neurons}, nil) <= target {
		k++
	}
	return k
}

// The neurons of a narrow model are a multiple of what the kernels take at once, and a sixth
// of all at least: what a price wants beyond that is eliminated.
const (
	neuronStep = 16
	leastPart  = 6
)

// narrow is the student that has as many neurons as the target leaves, with all word-vectors.
func (f *Field) narrow(target float64) string {
	neurons := (f.Neurons/leastPart + neuronStep - 1) / neuronStep * neuronStep
	for neurons+neuronStep < f.Neurons && f.Cost(Shape{f.Encoders, neurons + neuronStep}, nil) <= target {
		neurons += neuronStep
	}
	return configs.NarrowStudent(neurons)
}

// shape is that of a student; "": of the whole model. ok is false where it is no smaller one.
func (f *Field) shape(student string) (s Shape, ok bool) {
	s = f.Shape
	if _, layers, fewer := configs.ParseStudent(student); fewer {
		s.Encoders = layers
		return s, layers < f.Encoders
	}
	if neurons, narrow := configs.ParseNarrow(student); narrow {
		s.Neurons = neurons
		return s, neurons < f.Neurons
	}
	return s, true
}

// student is the student that a candidate of a name is at a target; "": it is none.
func (f *Field) student(name string, target float64) string {
	switch name {
	case configs.Narrow:
		return f.narrow(target)
	case retention.ListLearned, retention.ListGeometric:
		return ""
	}
	return name
}

// Candidate makes the candidate of a name that costs a target, from below: as near as
// whole word-vectors come. A student that costs less as it is removes nothing. ok is false
// where the least that it can keep costs more, or where it is no student of this model.
func (f *Field) Candidate(name string, target float64) (c Candidate, ok bool) {
	c.Name, c.Student = name, f.student(name, target)
	shape, ok := f.shape(c.Student)
	if !ok {
		return c, false
	}
	if c.Student != "" {
		if c.Share = f.Cost(shape, nil); c.Share <= target {
			return c, true
		}
	}
	at := func(q float64) []float64 { return retention.Geometric(shape.Encoders, f.Length, q) }
	if name == retention.ListLearned {
		at = f.learned
	}
	cost := func(keep []int) float64 { return f.Cost(shape, keep) }
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
func (f *Field) Least(names []string) float64 { return f.least(f.Smallest(names)) }

// Smallest is the shape of the one of some candidates that can cost least.
func (f *Field) Smallest(names []string) Shape {
	var shapes []Shape
	for _, name := range names {
		s, _ := f.shape(f.student(name, 0))
		shapes = append(shapes, s)
	}
	return slices.MinFunc(shapes, func(a, b Shape) int { return cmp.Compare(f.least(a), f.least(b)) })
}

// least is the smallest share that a model of a shape can cost: with a word-vector an encoder.
func (f *Field) least(s Shape) float64 {
	return f.Cost(s, slices.Repeat([]int{1}, s.Encoders))
}
