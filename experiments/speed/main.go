// Speed times powerbert beside PyTorch and ONNX Runtime: the same weights and
// inputs, turn by turn on the same machine. README.md says how to run it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/experiments/peer"
)

func main() { peer.Main("speed", run) }

// run is the program but for its exit.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("speed", flag.ContinueOnError)
	pattern := flags.String("cases", "", "time the cases whose names match this regular `expression`")
	pairs := flags.Int("pairs", 15, "turns of each side; below 6 no interval covers 95 %")
	names := flags.String("peers", "torch,onnx,onednn", "time these beside ours, comma-separated")
	out := flags.String("out", folder, "write results.json and results.md into this `folder`")
	asPeer := flags.Bool("serve", false, "answer turns on stdin, as the program itself starts its own side")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp // flags has said what is wrong
	}
	if *asPeer {
		signal.Ignore(os.Interrupt) // it ends with the program that asks
		return serve(os.Stdin, os.Stdout)
	}
	match, err := regexp.Compile(*pattern)
	if err != nil {
		return fmt.Errorf("-cases: %w", err)
	}
	peers := strings.FieldsFunc(*names, func(r rune) bool { return r == ',' })
	todo := chosen(match, peers)
	switch {
	case len(todo) == 0:
		return fmt.Errorf("-cases %q matches no case; README.md in %s lists them", *pattern, folder)
	case *pairs < 1:
		return fmt.Errorf("-pairs is %d, want 1 or more", *pairs)
	}
	for _, p := range peers {
		if err := missing(ctx, p); err != nil {
			return err
		}
	}
	report, err := measureAll(ctx, todo, *pairs)
	if err != nil {
		return err
	}
	return report.write(*out)
}

// chosen are the cases that match, with the peers that are wanted.
func chosen(match *regexp.Regexp, peers []string) []Case {
	var list []Case
	for _, c := range cases() {
		c.Sides = slices.DeleteFunc(c.Sides, func(s Side) bool { return s.Program != "ours" && !slices.Contains(peers, s.Program) })
		if match.MatchString(c.Name) {
			list = append(list, c)
		}
	}
	return list
}

// measureAll measures cases one after another and tells of them on stderr.
func measureAll(ctx context.Context, todo []Case, pairs int) (*Report, error) {
	folder, err := os.MkdirTemp("", "speed")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	s := session{folder, pairs}
	r := newReport(ctx, pairs)
	for i, c := range todo {
		fmt.Fprintf(os.Stderr, "%d of %d: %s\n", i+1, len(todo), c.Name)
		result, err := s.measure(ctx, c)
		if err != nil {
			return nil, err
		}
		for _, side := range result.Sides {
			fmt.Fprintf(os.Stderr, "    %-6s %9.1f ms\n", side.Program, side.Median)
		}
		r.Results = append(r.Results, *result)
	}
	return r, nil
}

// write writes results.json and results.md.
func (r *Report) write(folder string) error {
	text, err := r.json()
	if err != nil {
		return err
	}
	return peer.WriteResults(folder, text, r.markdown())
}
