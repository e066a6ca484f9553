// Front measures accuracy against time from text to label: of every model that a run of
// ../saving left, in float32 and int8, by powerbert and by its peers, and of what needs no
// encoder. README.md says how to run it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/internal/machine"
)

func main() { peer.Main("front", run) }

// options are the program's.
type options struct {
	python string   // of the peers; "": none
	texts  int      // of dev that are timed and scored, at most
	rounds int      // in which the sides take turns
	only   []string // parts of the names of the models that are measured; none: all
	out    string   // folder of the records
}

// run is the program but for its exit.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("front", flag.ContinueOnError)
	o := options{}
	flags.StringVar(&o.python, "python", "", "`interpreter` that has the packages of the peers (internal/oracles/install.sh peers); without it they are left out")
	flags.IntVar(&o.texts, "texts", 1000, "of dev, at most")
	flags.IntVar(&o.rounds, "rounds", 3, "in which the sides take turns")
	only := flags.String("only", "", "parts of the names of the models that are measured, comma-separated; by default all")
	page := flags.String("page", "", "measure nothing: put the four corners of a record into this `file`, between its marks")
	again := flags.String("redraw", "", "write table and picture of the results in this `folder` anew, and measure nothing")
	flags.StringVar(&o.out, "out", "experiments/front", "write results into a folder of the task in this `folder`")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp // flags has said what is wrong
	}
	if *again != "" && flags.NArg() == 0 {
		return redraw(*again)
	}
	if flags.NArg() != 1 || o.texts < 1 || o.rounds < 1 {
		return fmt.Errorf("want one run directory of experiments/saving, -texts and -rounds of 1 or more, got %q, %d and %d", flags.Args(), o.texts, o.rounds)
	}
	if *page != "" {
		return fill(*page, flags.Arg(0))
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	return o.measure(ctx, flags.Arg(0))
}

// measure measures the models of a run directory and writes what comes of it.
func (o *options) measure(ctx context.Context, dir string) error {
	r, err := report.OpenFinetuned(dir)
	if err != nil {
		return err
	}
	temporary, err := os.MkdirTemp("", "front")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	f := newField(r, o, temporary)
	defer f.close()
	if err := f.gather(ctx, dir); err != nil {
		return err
	}
	front := &Front{Task: r.Experiment.Name, Metric: r.Experiment.Data.Metric, Texts: len(f.dev.Examples), Batch: peer.Batch, Rounds: o.rounds,
		Commit: peer.Commit(ctx), Machine: report.Processor(), Date: time.Now().UTC().Format("2006-01-02"), Busy: machine.BusyCores(time.Second)}
	if front.Points, err = f.time(ctx, o.rounds); err != nil {
		return err
	}
	return front.write(filepath.Join(o.out, r.Experiment.Name))
}
