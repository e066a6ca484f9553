package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// newDistil is `train distil`: a baseline of fewer encoders.
func newDistil(a *app) *cobra.Command {
	s := forStage(&cobra.Command{
		Use:   "distil",
		Short: "A baseline: DistilBERT or BERT-PKD, taught by stage 1's model",
		Long: `Distil trains a BERT of fewer encoders that learns from stage 1's model, and keeps
the best epoch, in OUT/METHOD-LAYERS. distilbert begins as encoders of the teacher at
equal distances, and learns its soft targets and the direction of its last
word-vectors; pkd begins as the teacher's first encoders and learns its soft targets
and the [CLS] states of encoders at equal distances (PKD-Skip). The section distil of
CONFIG has the weights of the terms.`,
		Example: `  train distil demo --method distilbert
  train distil sst2 --method pkd --layers 3 --set distil.pkd.beta=500
  train eval runs/demo/distilbert-2`,
	})
	var student pipeline.Student
	s.Flags().StringVar(&student.Method, "method", "", "distilbert or pkd")
	s.Flags().IntVar(&student.Layers, "layers", 0, "encoders of the student, fewer than stage 1's (default: half)")
	_ = s.RegisterFlagCompletionFunc("method", cobra.FixedCompletions([]string{configs.MethodDistilBERT, configs.MethodPKD}, cobra.ShellCompDirectiveNoFileComp))
	s.alone(a, func(ctx context.Context, e *configs.Experiment, o pipeline.Options) (*rundir.Result, error) {
		if m := student.Method; m != configs.MethodDistilBERT && m != configs.MethodPKD {
			return nil, usagef("distil", "--method is %q, want %s or %s", m, configs.MethodDistilBERT, configs.MethodPKD)
		}
		if student.Layers < 0 {
			return nil, usagef("distil", "--layers is %d, want 1 or more", student.Layers)
		}
		return pipeline.Distil(ctx, e, o, student)
	})
	return s.Command
}
