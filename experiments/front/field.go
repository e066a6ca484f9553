package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/turns"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/quantize"
)

// A side is a model in a program that runs it: it answers all texts, one by one or
// together as fast as it can, and says what it makes of them and how long that took.
type side struct {
	Point
	pass func(ctx context.Context, together bool) (seconds float64, logits [][]float32, err error)
}

// A field is the sides that are measured against one another.
type field struct {
	*options
	run       *report.Run
	dev       data.Set
	temporary string
	peers     *peer.Process
	task      string // file of theirs
	sides     []*side
	log       *slog.Logger
}

func newField(r *report.Run, o *options, temporary string) *field {
	f := &field{options: o, run: r, dev: *r.Dev.Set, temporary: temporary, log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	f.dev.Examples = f.dev.Examples[:min(o.texts, len(f.dev.Examples))]
	return f
}

// close ends the peers' process.
func (f *field) close() {
	if f.peers != nil {
		_ = f.peers.Close() // it has said what went wrong
	}
}

// wanted tells whether a model is to be measured.
func (f *field) wanted(name string) bool {
	return len(f.only) == 0 || slices.ContainsFunc(f.only, func(part string) bool { return strings.Contains(name, part) })
}

// gather prepares every side.
func (f *field) gather(ctx context.Context, dir string) error {
	if f.python != "" {
		if err := f.startPeers(ctx); err != nil {
			return err
		}
		if err := f.addPeer("fastText", f.task, sideFastText); err != nil {
			return err
		}
	}
	if err := f.addBag(); err != nil {
		return err
	}
	for _, m := range models(dir) {
		if !f.wanted(m.name) {
			continue
		}
		if err := f.addModel(ctx, m.name, m.dir); err != nil {
			return err
		}
	}
	return nil
}

// A trained is a model of a run.
type trained struct{ name, dir string }

// models lists those of a run directory of experiments/saving whose weights are there.
func models(dir string) (list []trained) {
	add := func(name, dir string) {
		if _, err := model.WeightsBytes(dir); err == nil {
			list = append(list, trained{name, dir})
		}
	}
	add("dense", filepath.Join(dir, "finetune"))
	add("dense, trained as long", filepath.Join(dir+"-dense-trained-as-long", "retrain"))
	trials, _ := filepath.Glob(filepath.Join(dir, "trials", "price-*-whole", "retrain")) // fails only for a bad pattern
	for _, trial := range trials {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(filepath.Dir(trial)), "price-"), "-whole")
		price, kind, _ := strings.Cut(name, "-")
		add(kind+" at "+price, trial)
	}
	return list
}

// addModel adds a model in float32 and in int8, and in the peers.
func (f *field) addModel(ctx context.Context, name, dir string) error {
	if err := f.addOwn(name, dir, "float32"); err != nil {
		return err
	}
	small := filepath.Join(f.temporary, strings.NewReplacer(" ", "-", ",", "").Replace(name))
	job := quantize.Job{Dir: dir, Out: small + "-int8", Bound: quantize.DefaultBound, Length: f.run.Experiment.Data.MaxLength, Log: f.log}
	if _, err := job.Run(ctx); err != nil {
		return err
	}
	if err := f.addOwn(name, job.Out, "int8"); err != nil {
		return err
	}
	if f.peers == nil {
		return nil
	}
	file := small + ".onnx"
	if _, err := infer.Export(dir, file, 0); err != nil {
		return err
	}
	for _, how := range peerSides {
		if err := f.addPeer(name, file, how); err != nil {
			return err
		}
	}
	return nil
}

// addOwn adds a model of a directory, run by this program.
func (f *field) addOwn(name, dir, precision string) error {
	m, err := infer.Open(dir, f.run.Experiment.Data.MaxLength)
	if err != nil {
		return err
	}
	bytes, err := model.WeightsBytes(dir)
	f.sides = append(f.sides, &side{Point: Point{Model: name, Side: "powerbert", Precision: precision, Bytes: bytes},
		pass: func(ctx context.Context, together bool) (float64, [][]float32, error) { return f.ask(ctx, m, together) }})
	return err
}

// ask has a model answer the texts, tokenising them on the way.
func (f *field) ask(ctx context.Context, m *infer.Model, together bool) (float64, [][]float32, error) {
	begin := time.Now()
	var logits [][]float32
	var err error
	if together {
		logits, err = peer.Stream(ctx, m, &f.dev)
	} else {
		logits, err = peer.Singly(m, &f.dev)
	}
	return time.Since(begin).Seconds(), logits, err
}

// addBag adds the bag of n-grams.
func (f *field) addBag() error {
	r := f.run
	subject := report.Subject{Kind: r.Train.Problem, Labels: r.Train.Labels, Metric: r.Experiment.Data.Metric}
	length := r.Experiment.Data.MaxLength
	choose := r.Dev
	if r.HeldOut != nil {
		choose = r.HeldOut
	}
	bag, err := report.NGrams(subject, r.Dense.Tokenizer.Size(), r.Dense.Config.Outputs(), data.EncodeAs(r.Train, r.Dense.Tokenizer, length, r.Dense.Config.Window), choose.Encoded, r.Dev.Encoded)
	if err != nil {
		return err
	}
	f.sides = append(f.sides, &side{Point: Point{Model: fmt.Sprintf("bag of up to %d word-pieces", bag.Grams), Side: "powerbert", Precision: "float64", Bytes: bag.Bytes()},
		pass: func(context.Context, bool) (float64, [][]float32, error) { return f.count(bag) }})
	return nil
}

// count has a bag answer the texts, on one core.
func (f *field) count(bag *report.Bag) (float64, [][]float32, error) {
	begin := time.Now()
	logits := make([][]float32, len(f.dev.Examples))
	for i := range f.dev.Examples {
		logits[i] = bag.Logits(f.run.Dense.Encode(f.dev.Examples[i], f.dev.Paired))
	}
	return time.Since(begin).Seconds(), logits, nil
}

// time has the sides take turns, one text at a time and all together, and scores them by
// what they said before. A peer that cannot run a model is left out, and said.
func (f *field) time(ctx context.Context, rounds int) ([]Point, error) {
	var ways []turns.Way
	var able []*side
	for _, s := range f.sides {
		_, logits, err := s.pass(ctx, true) // which also warms up
		if s.refused(f.log, err) {
			continue
		} else if err != nil {
			return nil, err
		}
		if s.Value, err = f.score(logits); err != nil {
			return nil, err
		}
		able = append(able, s)
		for _, together := range []bool{false, true} {
			ways = append(ways, func(int) (float64, error) {
				seconds, _, err := s.pass(ctx, together)
				return seconds, err
			})
		}
	}
	f.log.Info("timing", "sides", len(able), "rounds", rounds)
	took, err := turns.Take(ctx, turns.Rounds(rounds), ways)
	if err != nil {
		return nil, err
	}
	var points []Point
	n := float64(len(f.dev.Examples))
	for i, s := range able {
		s.Milliseconds = metric.RangeOf(scaled(took[2*i], func(t float64) float64 { return 1e3 * t / n }))
		s.PerSecond = metric.RangeOf(scaled(took[2*i+1], func(t float64) float64 { return n / t }))
		points = append(points, s.Point)
	}
	return points, nil
}

// scaled is f of each value.
func scaled(values []float64, f func(float64) float64) []float64 {
	list := make([]float64, len(values))
	for i, v := range values {
		list[i] = f(v)
	}
	return list
}

// score is the task's metric of what was said of dev.
func (f *field) score(logits [][]float32) (float64, error) {
	said := report.Truth(&f.dev)
	said.Logits = logits
	value, _, err := said.Score(f.run.Experiment.Data.Metric)
	return value, err
}
