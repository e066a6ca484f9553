package main

import (
	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/pipeline"
)

// newPretrain is `train pretrain`: masked-language modelling.
func newPretrain(a *app) *cobra.Command {
	s := forStage(&cobra.Command{
		Use:   "pretrain",
		Short: "Pretrain an encoder on text without labels",
		Long: `Pretrain trains a BERT by masked-language modelling on the texts that
pretrain.texts of an experiment names: from random weights, or going on from its
model. It leaves the encoder in OUT/pretrain, where the model key of another
experiment finds it. How good it is, is its perplexity on documents held out.

It stops and goes on as the stages do: Ctrl-C saves, --resume continues to the same
bits. With pretrain.stack the encoder grows on the way, and in a dry run over its
--max-steps: each number of encoders takes its share of them.`,
		Example: `  train vocab reviews.txt.gz --size 8000 --out vocabulary
  train pretrain my.yaml
  train finetune sst2-base --set model=runs/my/pretrain --set finetune.lr=3e-4`,
	})
	s.alone(a, pipeline.Pretrain)
	return s.Command
}
