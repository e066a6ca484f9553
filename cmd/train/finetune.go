package main

import (
	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/pipeline"
)

// newFinetune is `train finetune`: stage 1.
func newFinetune(a *app) *cobra.Command {
	s := forStage(&cobra.Command{
		Use:   "finetune",
		Short: "Stage 1: fine-tune the whole model",
		Long: `Finetune trains the model of an experiment on its task and keeps the epoch that
is best on the rows that choose (data.held_out, or without these the dev set), in
OUT/finetune. A stage that is complete is not run
again; one that was interrupted needs --resume or --overwrite.`,
		Example: `  train finetune demo
  train finetune sst2 --set finetune.lr=2e-4 --out runs/slower
  train finetune sst2 --max-steps 3`,
	})
	s.alone(a, pipeline.Finetune)
	return s.Command
}
