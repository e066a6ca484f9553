package model

import (
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/loss"
	"github.com/powerbert/powerbert/problem"
)

// problemLoss is what training for a problem minimises, elimination and teachers aside.
func (n *Net[T]) problemLoss() (*ops.Node, error) {
	switch n.config.Problem() {
	case problem.Regression:
		return loss.SquaredError[T](n.Batch, &n.Batch.Scores, n.Logits)
	case problem.MultipleChoice:
		return loss.Choice[T](n.Batch, n.config.Options(), n.Logits)
	}
	return loss.CrossEntropy[T](n.Batch, n.Logits)
}
