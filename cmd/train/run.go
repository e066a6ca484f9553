package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/quantize"
	"github.com/powerbert/powerbert/sweep"
)

// newRun is `train run`: all three stages.
func newRun(a *app) *cobra.Command {
	s := forStage(&cobra.Command{
		Use:   "run",
		Short: "All three stages, going on where an earlier run stopped",
		Long: `Run carries out the three stages. It skips those that are complete and goes on
with one that was interrupted, so the same command starts and resumes a run. What
CONFIG asks for, or one of the flags, decides what stages 2 and 3 do: see search and
retrain. Where there is nothing to search, as with retrain.retention, retrain.student
or a tournament without the searched list, it leaves stage 2 out.

--seeds 1,2,3 runs all stages with each seed, in runs/NAME-seeds, and shows the table of
train compare: mean and spread. It is a sweep over seed, which goes on as one.

With quantize: true it then makes int8 models of stages 1 and 3, as train quantize
does, and shows both models in both precisions on the dev set. A dry run does not.`,
		Example: `  train run demo
  train run mine.yaml --max-drop 0.5
  train run sst2 --max-steps 3   # a dry run of every stage in seconds
  train run demo --out runs/again --set seed=2
  train run mine.yaml --seeds 1,2,3`,
	})
	s.withGoal()
	s.Flags().Lookup("resume").Usage = "as it does anyway"
	s.runs(a)
	s.seeded(a)
	return s.Command
}

// seeded lets --seeds make a run with each seed, in place of the one run.
func (s *stageCommand) seeded(a *app) {
	seeds := s.Flags().StringSlice("seeds", nil, "run with each of these seeds, and compare")
	for _, other := range []string{"resume", "overwrite", "max-steps"} {
		s.MarkFlagsMutuallyExclusive("seeds", other)
	}
	one := s.RunE
	s.RunE = func(c *cobra.Command, args []string) error {
		if !c.Flags().Changed("seeds") {
			return one(c, args)
		}
		if s.tensorboard {
			s.set = append(s.set, "tensorboard=true")
		}
		points, err := s.sweepOver(args[0], s.options.Dir, "-seeds", sweep.Axis{Key: "seed", Values: *seeds})
		if err != nil {
			return err
		}
		return a.runPoints(c.Context(), points, a.compare)
	}
}

// A quantisedRun is what `train run` shows with --json where it quantises.
type quantisedRun struct {
	Stages []*rundir.Result   `json:"stages"`
	Int8   *quantize.TwoByTwo `json:"quantize"`
}

// showRun shows what the stages of a run came to, and both models in both precisions
// where it quantised them.
func (a *app) showRun(results []*rundir.Result, both *quantize.TwoByTwo) error {
	switch {
	case a.json && both == nil:
		return a.showResults(results)
	case a.json:
		return a.writeJSON(quantisedRun{results, both})
	}
	err := a.showResults(results)
	if both != nil {
		err = cmp.Or(err, a.showTwoByTwo(both))
	}
	if last := results[len(results)-1]; last.Stage == configs.StageRetrain && last.MaxSteps == 0 {
		fmt.Fprintf(a.stdout, "\nnext: train report %s; train predict %s --data FILE\n", filepath.Dir(last.Dir), last.Dir)
	}
	return err
}

// showTwoByTwo shows both models in both precisions as text.
func (a *app) showTwoByTwo(t *quantize.TwoByTwo) error {
	fmt.Fprintln(a.stdout)
	return a.table(tabwriter.AlignRight, func(w io.Writer) {
		fmt.Fprintf(w, "model\tprecision\t%s\tweights MB\tms a text\tdivergence\tlabels agree\t\n", t.Dense.Metric)
		for i, of := range []*quantize.Comparison{t.Dense, t.Power} {
			name := fmt.Sprintf("stage %d, dense", 2*i+1)
			if len(of.ChangedPicks) > 0 {
				name = fmt.Sprintf("stage %d, PoWER", 2*i+1)
			}
			fmt.Fprintf(w, "%s\t", name)
			writeSide(w, "float32", &of.Float32)
			fmt.Fprintf(w, "%s\t", name)
			writeSide(w, "int8", &of.Int8, fmt.Sprintf("%.2g", of.Divergence), agreement(of))
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
