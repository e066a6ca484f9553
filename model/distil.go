package model

import (
	"errors"
	"fmt"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/layers"
	"github.com/powerbert/powerbert/loss"
)

// Distil is the weights of what a student learns from a teacher, beside the labels:
//
//	Hard·loss.Task + Soft·loss.Taught + Last·loss.Cosine + Patience·loss.Patience
//
// Of multiple choice, Last and Patience are means over the options, too. The zero value
// is the first term alone, without a teacher.
type Distil struct {
	Hard        float64
	Soft        float64 // of the batch's Teacher, at
	Temperature float64 // of both distributions; a regression has none
	Last        float64 // of the last encoder's word-vectors from States.Last; needs Use.Full
	Patience    float64 // of [CLS] in the encoders before the last from States.CLS
}

// Taught tells whether there is a teacher to learn from.
func (d *Distil) Taught() bool { return d.Soft != 0 || d.Last != 0 || d.Patience != 0 }

// States is what a teacher's encoders make of a batch.
type States[T kernel.Float] struct {
	Last []T   // (rows, H): the last encoder's output
	CLS  [][]T // (B, H) for each encoder of the student before the last: [CLS] of the teacher's that it follows
}

// taskLoss is the problem's own, or what Distil says.
func (n *Net[T]) taskLoss(b *layers.Builder[T]) (*ops.Node, error) {
	problem, d := asked(&n.config), n.use.Distil
	problem.Labels = n.use.Labels
	hard, err := loss.Task[T](problem, n.Batch, n.Logits)
	if err != nil || d == (Distil{}) {
		return hard, err
	}
	weights, terms := []float64{d.Hard}, ops.Nodes{hard}
	add := func(weight float64, build func() (*ops.Node, error)) {
		if weight == 0 || err != nil {
			return
		}
		var term *ops.Node
		if term, err = build(); err == nil {
			weights, terms = append(weights, weight), append(terms, term)
		}
	}
	sequences := float64(problem.Options) // of an example
	add(d.Soft, func() (*ops.Node, error) { return loss.Taught[T](problem, n.Batch, n.Logits, d.Temperature) })
	add(d.Last/sequences, n.lastLoss)
	add(d.Patience/sequences, func() (*ops.Node, error) { return n.patienceLoss(b) })
	if err != nil {
		return nil, err
	}
	n.terms = weights
	return loss.Blend[T](weights, terms...)
}

// Weigh changes, from the next run on, what the terms of a loss with a teacher weigh that
// the network was built with. Terms that it was built without have none.
func (n *Net[T]) Weigh(d Distil) {
	built, sequences, weights := n.use.Distil, float64(asked(&n.config).Options), n.terms[:0]
	weights = append(weights, d.Hard)
	for _, term := range [][2]float64{{built.Soft, d.Soft}, {built.Last, d.Last / sequences}, {built.Patience, d.Patience / sequences}} {
		if term[0] != 0 {
			weights = append(weights, term[1])
		}
	}
}

func (n *Net[T]) lastLoss() (*ops.Node, error) {
	if !n.use.Full || n.use.Keep != nil {
		return nil, errors.New("model: to learn the last encoder's word-vectors a student computes all of them")
	}
	last := n.Encoders[len(n.Encoders)-1]
	return loss.Cosine(n.Batch, last.Output, last.Selection.Out(), &n.Teacher.Last)
}

func (n *Net[T]) patienceLoss(b *layers.Builder[T]) (*ops.Node, error) {
	before := n.Encoders[:len(n.Encoders)-1]
	if len(before) == 0 {
		return nil, errors.New("model: a student of one encoder has none before the last to learn from")
	}
	var states []*ops.Node
	for _, e := range before {
		states = append(states, b.First(e.Output, e.Selection.Out()))
	}
	n.Teacher.CLS = make([][]T, len(before))
	if err := b.Err(); err != nil {
		return nil, err
	}
	return loss.Patience(n.Batch, states, n.Teacher.CLS)
}

// checkTeacher refuses to train on less than the teacher has to say.
func (n *Net[T]) checkTeacher() error {
	d, b, h := n.use.Distil, n.Batch, n.config.HiddenSize
	if !n.use.Train || d == (Distil{}) {
		return nil
	}
	if want := b.Sequences() * n.config.Outputs(); d.Soft != 0 && len(b.Teacher) != want {
		return fmt.Errorf("model: the batch has %d logits of a teacher, want %d", len(b.Teacher), want)
	}
	if want := b.Rows() * h; d.Last != 0 && len(n.Teacher.Last) != want {
		return fmt.Errorf("model: the teacher's last word-vectors are %d values, want %d", len(n.Teacher.Last), want)
	}
	for j, states := range n.Teacher.CLS {
		if want := b.Sequences() * h; len(states) != want {
			return fmt.Errorf("model: the teacher's [CLS] for encoder %d is %d values, want %d", j+1, len(states), want)
		}
	}
	return nil
}
