package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

func main() { peer.Main("speed", run) }

// options are the program's.
type options struct {
	rows   *regexp.Regexp
	turns  int
	python string
	data   string
	keep   string // folder of models
	out    string
	page   string // that shows the main tables
}

// run is the program but for its exit.
func run(ctx context.Context, args []string) error {
	flags, o := flag.NewFlagSet("speed", flag.ContinueOnError), options{}
	pattern := flags.String("rows", "", "time the rows whose names match this regular `expression`; the others stay as they are recorded")
	flags.IntVar(&o.turns, "turns", 6, "of each side; below 6 no interval covers 95 %")
	flags.StringVar(&o.python, "python", "", "`interpreter` that has the packages of the peers (internal/oracles/install.sh peers); without it they are left out")
	flags.StringVar(&o.data, "data", os.Getenv("POWERBERT_DATA"), "`folder` of real texts, data/glue/SST-2 and data/imdb, and tokenizers/bert-base-uncased; without it texts are left out")
	flags.StringVar(&o.keep, "models", "", "keep the models in this `folder`, and use those that are there; by default they are made and removed")
	flags.StringVar(&o.out, "out", folder, "write results.json and results.md into this `folder`")
	flags.StringVar(&o.page, "page", "", "put the main tables of the record into this `file`, between its marks")
	asPeer := flags.Bool("serve", false, "answer turns on stdin, as the program itself starts its own side")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp // flags has said what is wrong
	}
	if *asPeer {
		signal.Ignore(os.Interrupt) // it ends with the program that asks
		return serve(os.Stdin, os.Stdout)
	}
	var err error
	if o.rows, err = regexp.Compile(*pattern); err != nil {
		return fmt.Errorf("-rows: %w", err)
	}
	todo := o.chosen()
	switch {
	case len(todo) == 0:
		return fmt.Errorf("-rows %q matches no row that -data and -python allow; README.md in %s lists them", *pattern, folder)
	case o.turns < 1:
		return fmt.Errorf("-turns is %d, want 1 or more", o.turns)
	case o.python != "" && !atomicfile.Exists(filepath.Join(folder, "main.go")):
		return fmt.Errorf("%s is not here; run this from the root of the repository", folder)
	}
	return o.measure(ctx, todo)
}

// chosen are the rows that match, with the peers that there are.
func (o *options) chosen() (list []Row) {
	for _, r := range rows() {
		if !o.rows.MatchString(r.Name) || o.data == "" && r.Sides[0].Work.Kind == kindTexts {
			continue
		}
		if o.python == "" {
			r.Sides = slices.DeleteFunc(r.Sides, func(s Side) bool { return s.Program != "ours" })
		}
		if len(r.Sides) > 1 {
			list = append(list, r)
		}
	}
	return list
}

// measure measures rows one after another, tells of them on stderr, and writes what is known
// after each.
func (o *options) measure(ctx context.Context, todo []Row) (err error) {
	report, err := openReport(o.out)
	if err != nil {
		return err
	}
	temporary, err := os.MkdirTemp("", "speed")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	words := "made-up" // models have the vocabulary of the texts, if there are some
	if o.data != "" {
		words = "bert"
	}
	s := session{models{filepath.Join(cmp.Or(o.keep, temporary), words), o.data, runtime.NumCPU()}, o.python, o.turns, peer.Commit(ctx), map[string]*peer.Process{}, ""}
	if err := os.MkdirAll(s.folder, 0o777); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for i := range todo {
		fmt.Fprintf(os.Stderr, "%d of %d: %s\n", i+1, len(todo), todo[i].Name)
		result, wrong := s.measure(ctx, &todo[i])
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted in %s; what came before is in %s", todo[i].Name, o.out)
		} else if wrong != nil { // the other rows may do
			err = errors.Join(err, wrong)
			continue
		}
		for _, side := range result.Sides {
			fmt.Fprintf(os.Stderr, "    %-45s %9.1f ms\n", side.Side, side.Median)
		}
		report.add(*result)
		if err := report.write(o.out); err != nil {
			return err
		}
	}
	if o.page != "" {
		err = errors.Join(err, peer.Fill(o.page, "record", report.summary()))
	}
	return err
}
