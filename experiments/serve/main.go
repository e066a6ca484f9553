// Serve puts load on `train serve` and on ONNX Runtime and OpenVINO behind a server,
// with the same models and sentences, turn by turn on the same machine. README.md says
// how to run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/machine"
	"github.com/powerbert/powerbert/internal/turns"
)

func main() { peer.Main("serve", run) }

// connections are how many clients ask at once, each one request at a time.
var connections = []int{1, 8, 32}

// run is the program but for its exit.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	rounds := flags.Int("rounds", 5, "turns of each server and number of connections")
	seconds := flags.Float64("seconds", 2, "of a turn")
	python := flags.String("python", "runs/serve/bin/python", "`interpreter` that has the peers")
	out := flags.String("out", folder, "write results.json and results.md into this `folder`")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp // flags has said what is wrong
	}
	if *rounds < 1 || *seconds <= 0 {
		return fmt.Errorf("-rounds is %d and -seconds %g, want 1 or more and a time", *rounds, *seconds)
	}
	if err := missing(ctx, *python); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp("", "serve")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	report := newReport(ctx, *rounds, *seconds)
	if err := report.measure(ctx, temporary, *python); err != nil {
		return err
	}
	return report.write(*out)
}

// measure starts every server, checks that they say the same, and lets them take
// turns.
func (r *Report) measure(ctx context.Context, temporary, python string) (err error) {
	models, err := makeModels(ctx, temporary)
	if err != nil {
		return err
	}
	sentences, err := readSentences()
	if err != nil {
		return err
	}
	r.Sentences = len(sentences)
	servers, err := startServers(ctx, temporary, python, models, sentences)
	defer func() { err = errors.Join(err, closeAll(servers)) }()
	if err != nil {
		return err
	}
	if err := agree(servers, sentences); err != nil {
		return err
	}
	for _, s := range servers {
		r.add(s)
	}
	r.Busy = machine.BusyCores(time.Second)
	return r.takeTurns(ctx, servers, sentences)
}

// takeTurns lets the servers under every number of connections take turns (turns.Take)
// and records what came of each. Of the rounds the first, a short one, warms them up.
func (r *Report) takeTurns(ctx context.Context, servers []*server, sentences []string) error {
	var sides []turns.Way
	for _, n := range connections {
		for _, s := range servers {
			sides = append(sides, func(round int) (float64, error) {
				seconds := r.Seconds
				if round == 0 {
					seconds = min(seconds, 0.5)
				}
				t, err := load(ctx, s.urls, sentences, n, seconds)
				if err == nil && round > 0 {
					r.record(s, n, t)
				}
				return float64(t.Requests) / t.Seconds, err
			})
		}
	}
	_, err := turns.Take(ctx, func(rounds int) bool {
		if rounds > 0 {
			fmt.Fprintf(os.Stderr, "round %d of %d\n", rounds-1, r.Rounds)
		}
		return rounds <= r.Rounds
	}, sides)
	return err
}

// write writes results.json and results.md.
func (r *Report) write(folder string) error {
	text, err := r.json()
	if err != nil {
		return err
	}
	return peer.WriteResults(folder, text, r.markdown())
}

// cores is how many each server may use.
func cores() int { return runtime.GOMAXPROCS(0) }
