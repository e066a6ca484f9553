package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/experiments/report"
)

// newSubmit is `train submit`: predictions for the server of GLUE.
func newSubmit(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "submit DIR",
		Short: "Write predictions of GLUE's hidden test sets, as its server wants them",
		Long: `Submit predicts the test file of the GLUE task that a stage's model was trained on
and writes index and prediction as CoLA.tsv, SST-2.tsv, MRPC.tsv, STS-B.tsv, QQP.tsv,
MNLI-m.tsv and MNLI-mm.tsv (both from one model), QNLI.tsv or RTE.tsv. Every line of
a test file must be sound, since every index needs its prediction.`,
		Example: `  train submit runs/rte-base/retrain
  train submit runs/sst2/retrain --data glue/SST-2 --out submission`,
		Args:              oneArgument("DIR", "a stage's directory, as runs/sst2/retrain"),
		ValidArgsFunction: completeDir,
	}
	folder := c.Flags().String("data", "", "folder of the test files (default: the experiment's data.dir)")
	out := c.Flags().String("out", "submission", "folder to write to")
	_ = c.MarkFlagDirname("data") // fails only for an unknown flag
	_ = c.MarkFlagDirname("out")
	c.RunE = func(c *cobra.Command, args []string) error {
		list, err := report.Submit(c.Context(), args[0], *folder, *out)
		if err != nil {
			return err
		}
		return a.show(list, 0, func(w io.Writer) {
			for _, s := range list {
				fmt.Fprintf(w, "%s\t%d predictions of %s\n", s.File, s.Examples, s.Test)
			}
		})
	}
	return c
}
