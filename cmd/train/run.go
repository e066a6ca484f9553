package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/quantize"
)

// newRun is `train run`: all three stages.
func newRun(a *app) *cobra.Command {
	s := forStage(&cobra.Command{
		Use:   "run",
		Short: "All three stages, going on where an earlier run stopped",
		Long: `Run carries out the three stages. It skips those that are complete and goes on
with one that was interrupted, so the same command starts and resumes a run. With
retrain.retention there is nothing to search, and it leaves stage 2 out.

With quantize: true it then makes int8 models of stages 1 and 3, as train quantize
does, and shows both models in both precisions on the dev set. A dry run does not.`,
		Example: `  train run demo
  train run sst2 --max-steps 3   # a dry run of every stage in seconds
  train run demo --out runs/again --set seed=2`,
	})
	s.withLambda()
	s.Flags().Lookup("resume").Usage = "as it does anyway"
	s.RunE = func(c *cobra.Command, args []string) error {
		var results []*rundir.Result
		var both *quantize.TwoByTwo
		err := s.work(a, args, func(e *configs.Experiment, o pipeline.Options) (err error) {
			results, both, err = quantize.Run(c.Context(), e, o)
			return err
		})
		switch {
		case err != nil:
			return err
		case both == nil:
			return a.showResults(results)
		case a.json:
			return a.writeJSON(quantisedRun{results, both})
		}
		return cmp.Or(a.showResults(results), a.showTwoByTwo(both))
	}
	return s.Command
}

// A quantisedRun is what `train run` shows with --json where it quantises.
type quantisedRun struct {
	Stages []*rundir.Result   `json:"stages"`
	Int8   *quantize.TwoByTwo `json:"quantize"`
}

// showTwoByTwo shows both models in both precisions as text.
func (a *app) showTwoByTwo(t *quantize.TwoByTwo) error {
	fmt.Fprintln(a.stdout)
	return a.table(tabwriter.AlignRight, func(w io.Writer) {
		fmt.Fprintf(w, "model\tprecision\t%s\tweights MB\tms a text\tdivergence\tlabels agree\t\n", t.Dense.Metric)
		for _, m := range []struct {
			name string
			of   *quantize.Comparison
		}{{"dense", t.Dense}, {"PoWER", t.Power}} {
			fmt.Fprintf(w, "%s\t", m.name)
			writeSide(w, "float32", &m.of.Float32)
			fmt.Fprintf(w, "%s\t", m.name)
			writeSide(w, "int8", &m.of.Int8, fmt.Sprintf("%.2g", m.of.Divergence), agreement(m.of))
		}
	})
}

// agreement is the share of labels on which precisions agree; "" of scores.
func agreement(c *quantize.Comparison) string {
	if c.Agreement == nil {
		return ""
	}
	return percent(*c.Agreement)
}
