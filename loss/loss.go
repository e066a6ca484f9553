package loss

import (
	"fmt"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/problem"
)

// Problem is what the outputs of a network are held against.
type Problem struct {
	Kind    problem.Kind
	Options int // sequences of an example, which follow one another with a logit each; 1 but in multiple choice
	Classes int // labels to choose from
	Labels  Labels
}

// Task is the loss of a problem's kind from the truth that the batch holds.
//
// Shapes: outputs as the kind has them; result a scalar.
func Task[T kernel.Float](p Problem, b *ops.Batch, outputs *ops.Node) (*ops.Node, error) {
	if err := p.checkLabels(); err != nil {
		return nil, err
	}
	switch {
	case p.Kind.Several():
		return BinaryCrossEntropy[T](b, p.Labels, outputs)
	case p.Kind.Aimed():
		return SquaredError[T](b, &b.Targets, outputs)
	case p.Kind.Guessed():
		return MaskedTokens[T](b, outputs)
	case !p.Labels.Plain():
		return WeightedCrossEntropy[T](b, p.Labels, outputs)
	}
	return CrossEntropy[T](b, p.Options, outputs)
}

// Taught is the loss of a problem's kind from what the batch's Teacher says, class by
// class at a temperature, or label by label where each is by itself; a regression has none.
//
// Shapes: outputs and the teacher's alike, as the kind has them; result a scalar.
func Taught[T kernel.Float](p Problem, b *ops.Batch, outputs *ops.Node, temperature float64) (*ops.Node, error) {
	switch {
	case !p.Kind.Labelled():
		return SquaredError[T](b, &b.Teacher, outputs)
	case p.Kind.Several():
		return BinarySoftTargets[T](b, outputs, temperature)
	}
	return SoftTargets[T](b, p.Options, outputs, temperature)
}

// checkLabels reports labels that count in a way that the problem has no place for.
func (p Problem) checkLabels() error {
	switch n := len(p.Labels.Weights); {
	case p.Labels.Plain():
		return nil
	case !p.Kind.Labelled() || p.Kind.Guessed() || p.Options > 1:
		return fmt.Errorf("loss: labels are weighed or smoothed in a %s, want a classification", p.Kind)
	case n > 0 && n != p.Classes:
		return fmt.Errorf("loss: %d labels have weights, want %d, one per class", n, p.Classes)
	}
	return nil
}

// Check reports a batch whose truth Task cannot read.
func (p Problem) Check(b *ops.Batch) error {
	sequences := b.Sequences()
	if p.Kind.Aimed() {
		return p.checkTargets(b)
	}
	switch {
	case sequences%p.Options != 0:
		return fmt.Errorf("loss: the batch has %d sequences, want %d for each example, one per option", sequences, p.Options)
	case p.Kind.Guessed() && len(b.Labels) != len(b.Masked):
		return fmt.Errorf("loss: the batch has %d labels of %d masked word-vectors, want one each", len(b.Labels), len(b.Masked))
	case !p.Kind.Guessed() && len(b.Labels) != sequences:
		return fmt.Errorf("loss: the batch has %d labels of %d sequences, want one each", len(b.Labels), sequences)
	}
	for i, y := range b.Labels {
		if y < 0 || y >= p.Classes {
			return fmt.Errorf("loss: label %d of the batch is %d, want 0 to %d", i, y, p.Classes-1)
		}
	}
	return nil
}

// checkTargets reports a batch that has not a number for each output, or none in [0, 1] for
// a label.
func (p Problem) checkTargets(b *ops.Batch) error {
	if n := b.Sequences(); len(b.Targets) != n*p.Classes {
		return fmt.Errorf("loss: the batch has %d targets of %d sequences, want %d each", len(b.Targets), n, p.Classes)
	}
	for i, y := range b.Targets {
		if p.Kind.Several() && !(y >= 0 && y <= 1) {
			return fmt.Errorf("loss: target %d of the batch is %g, want 0 to 1", i, y)
		}
	}
	return nil
}
