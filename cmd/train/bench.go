package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/machine"
)

// newBench is `train bench`: how fast a model is.
func newBench(a *app) *cobra.Command {
	var f benchFlags
	c := &cobra.Command{
		Use:   "bench DIR",
		Short: "Measure latency and throughput of a model, dense and PoWER",
		Long: `Bench measures a stage's model, or any classifier of a known family in a Hugging Face
directory: the time of a batch (half of the batches took no longer than p50, 95 %
of them no longer than p95), examples and tokens per second, and multiply-adds of
the encoders as executed. A model with a retention configuration runs as it is and
dense, with the same weights; the two take turns, and are compared by the median
turn.

The inputs are random tokens of each --length, without padding. With --data they
are the texts of a file in random order, once padded to --max-length and once not
padded; it says how many are longer, of which it runs the first tokens alone, windows or
not. The file is read as the model's experiment says, or --text. A model that was
trained with the votes of padding (pad_queries_vote) is padded in any case.`,
		Example: `  train bench runs/demo/retrain
  train bench runs/sst2/retrain --batch 1,64 --length 64 --workers 2
  train bench runs/sst2/retrain --data dev.tsv
  train bench bert-base --data reviews.csv --text review --max-length 128`,
		Args:              oneArgument("DIR", modelMeaning),
		ValidArgsFunction: completeDir,
	}
	flags := c.Flags()
	flags.IntSliceVar(&f.batches, "batch", []int{1, 8, 32}, "examples that pass together")
	flags.IntSliceVar(&f.lengths, "length", []int{32, 128}, "tokens of each example (default: at most the model's positions)")
	flags.StringVar(&f.data, "data", "", "file whose texts to run")
	flags.StringSliceVar(&f.text, "text", nil, "text column, or two for pairs (default: as the experiment has it)")
	withBudget(flags, &f.budget)
	flags.IntVar(&f.maxLength, "max-length", 0, "tokens that texts are cut and padded to (default: as the model was trained)")
	flags.Float64Var(&f.seconds, "seconds", 2, "how long to measure each batch size and length, about")
	flags.IntVar(&f.workers, "workers", 1, "batches at a time")
	flags.IntVar(&f.cores, "cores", 0, "cores that work on them (default: one for each)")
	c.MarkFlagsMutuallyExclusive("data", "length")
	c.RunE = func(c *cobra.Command, args []string) error {
		f.cutLengths = !flags.Changed("length")
		result, err := a.bench(c.Context(), args[0], f)
		if err != nil {
			return err
		}
		return a.showBench(result)
	}
	return c
}

// A benchResult is what `train bench` shows.
type benchResult struct {
	Dir       string      `json:"model"`
	Budget    float64     `json:"budget,omitempty"` // of a model of several
	Data      string      `json:"data,omitempty"`   // "": random tokens
	MaxLength int         `json:"max_length,omitempty"`
	Texts     int         `json:"texts,omitempty"` // of Data
	Cut       int         `json:"cut,omitempty"`   // of them, to MaxLength
	Backend   string      `json:"backend"`
	CPU       string      `json:"cpu"`
	Workers   int         `json:"workers"` // batches at a time
	Cores     int         `json:"cores"`   // that worked on them
	Seconds   float64     `json:"seconds"` // for each cell, about
	Cells     []benchCell `json:"cells"`
}

// A benchCell is a line-up of ways that took turns.
type benchCell struct {
	Batch  int              `json:"batch"`
	Length float64          `json:"mean_length"` // tokens per example
	Ways   []*infer.Benched `json:"ways"`
}

// bench measures every cell.
func (a *app) bench(ctx context.Context, dir string, f benchFlags) (*benchResult, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if err := wantModel("bench", dir); err != nil {
		return nil, err
	}
	m, err := infer.Open(dir, 0)
	if err == nil {
		m, err = atBudget("bench", dir, m, f.budget)
	}
	if err != nil {
		return nil, err
	}
	inputs, err := f.inputs(m, dir)
	if err != nil {
		return nil, err
	}
	r := &benchResult{Dir: dir, Budget: m.Budget(), Data: f.data, Backend: infer.Backend(), CPU: machine.CPU(), Workers: f.workers,
		Cores: cmp.Or(f.cores, min(f.workers, runtime.GOMAXPROCS(0))), Seconds: f.seconds}
	if f.data != "" {
		r.MaxLength, r.Texts, r.Cut = inputs[0].paddings[0], len(inputs[0].examples), inputs[0].cut
	}
	log, dense := slog.Default(), m.Dense()
	for _, in := range inputs {
		for _, batch := range f.batches {
			cell := benchCell{Batch: batch, Length: in.length, Ways: infer.LineUp(m, dense, in.paddings)}
			log.Info("measuring", "batch", batch, "length", brief(in.length), "ways", len(cell.Ways))
			how := infer.Bench{Examples: in.examples, Batch: batch, Workers: f.workers, Cores: f.cores,
				Budget: time.Duration(f.seconds * float64(time.Second))}
			if err := how.Run(ctx, cell.Ways); err != nil {
				return nil, err
			}
			r.Cells = append(r.Cells, cell)
		}
	}
	return r, nil
}

// showBench shows the cells.
func (a *app) showBench(r *benchResult) error {
	return a.show(r, tabwriter.AlignRight, func(w io.Writer) {
		on := "random tokens"
		if r.Data != "" {
			on = fmt.Sprintf("%s, cut and padded to %d tokens", r.Data, r.MaxLength)
			if r.Cut > 0 {
				on += fmt.Sprintf(": %d of %d texts are longer", r.Cut, r.Texts)
			}
		}
		fmt.Fprintf(w, "%s%s on %s\n%s on %s, cores: %d, batches at a time: %d\n\n", r.Dir, budgetOf(r.Budget), on, r.Backend, r.CPU, r.Cores, r.Workers)
		fmt.Fprint(w, "batch\tlength\tmodel\tp50 ms\tp95 ms\texamples/s\ttokens/s\tmultiply-adds\tGFLOP/s\tless time\tfewer multiply-adds\t\n")
		for _, cell := range r.Cells {
			for _, way := range cell.Ways {
				fmt.Fprintf(w, "%d\t%s\t%s\t%.3f\t%.3f\t%s\t%s\t%.2f M\t%s\t", cell.Batch, brief(cell.Length), way.Name,
					way.P50, way.P95, brief(way.Examples), brief(way.Tokens), way.MACs/1e6, brief(way.GFLOPs))
				if way.Power {
					fmt.Fprintf(w, "%.2f×\t%.2f×\t", way.LessTime, way.FewerMACs)
				}
				fmt.Fprintln(w)
			}
		}
	})
}

// brief writes a number with three digits or more.
func brief(x float64) string {
	if x >= 100 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}
