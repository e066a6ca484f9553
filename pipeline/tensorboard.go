package pipeline

import (
	"fmt"
	"time"

	"github.com/powerbert/powerbert/internal/tfevents"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A board is a train.Sink that writes what metrics.jsonl holds for TensorBoard, too, into
// the stage's directory.
type board struct{ *tfevents.Writer }

// openBoard opens the board of a stage that goes on after a step; 0: it begins.
func openBoard(dir rundir.StageDir, step int) (*board, error) {
	w, err := tfevents.Create(string(dir), step+1, time.Now())
	if err != nil {
		return nil, err
	}
	return &board{w}, nil
}

// Step writes means over steps.
func (b *board) Step(line rundir.StepLine) error {
	scalars := []tfevents.Scalar{
		{Tag: "train/loss", Value: line.Loss}, {Tag: "train/task_loss", Value: line.TaskLoss}, {Tag: "train/lr", Value: line.LR},
		{Tag: "train/grad_norm", Value: line.GradNorm}, {Tag: "train/epoch", Value: line.Epoch}, {Tag: "train/examples_per_second", Value: line.ExamplesPerSecond},
	}
	if line.Mass != nil {
		scalars = append(scalars, tfevents.Scalar{Tag: "train/regulariser", Value: line.Regulariser}, tfevents.Scalar{Tag: "train/lr_r", Value: line.LRr})
	}
	for j, mass := range line.Mass {
		scalars = append(scalars, tfevents.Scalar{Tag: fmt.Sprintf("mass/encoder_%02d", j+1), Value: mass})
	}
	return b.Scalars(time.Now(), line.Step, scalars...)
}

// Evaluation writes what an evaluation came to.
func (b *board) Evaluation(line rundir.EvaluationLine) error {
	scalars := []tfevents.Scalar{{Tag: "dev/" + line.Metric, Value: line.Dev}, {Tag: "dev/loss", Value: line.DevLoss}}
	for _, name := range line.Also.Names() {
		scalars = append(scalars, tfevents.Scalar{Tag: "dev/" + name, Value: line.Also[name]})
	}
	return b.Scalars(time.Now(), line.Step, scalars...)
}
