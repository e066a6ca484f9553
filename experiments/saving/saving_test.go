package main

import (
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/pipeline"
)

// of makes a task of 200 examples, half of them of label 1, whose rows are right on so
// many of them.
func of(seed int, held map[string]float64, right map[string]int) *Task {
	t := &Task{Name: "made up", Seed: seed, Metric: "accuracy"}
	for i := range 200 {
		t.Truth = append(t.Truth, float64(i%2))
	}
	for _, name := range []string{stage1, longer, "saving"} {
		r := &Row{Name: name, MACs: 1e9, HeldOut: held[name], Dev: float64(right[name]) / 200}
		for i, l := range t.Truth {
			if i >= right[name] {
				l = 1 - l
			}
			r.Said = append(r.Said, l)
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// The reference is the better one on the rows that choose, whatever dev says, in the mean
// of the seeds.
func TestReference(t *testing.T) {
	dev := map[string]int{stage1: 190, longer: 100, "saving": 180}
	a := of(1, map[string]float64{stage1: 0.8, longer: 0.9}, dev)
	b := of(2, map[string]float64{stage1: 0.8, longer: 0.75}, dev)
	if got := reference([]*Task{a, b}); got != longer {
		t.Errorf("the reference is %q, want %q", got, longer)
	}
	if got := reference([]*Task{b}); got != stage1 {
		t.Errorf("of the second seed alone it is %q, want %q", got, stage1)
	}
}

// A row that is right on a tenth less of 200 examples, all of which the other has right,
// too, is 10 points below, with the interval of 200 draws of probability 0.1:
// ±1.96·√(0.1·0.9/200) = 4.2 points.
func TestDifference(t *testing.T) {
	seeds := []*Task{of(1, nil, map[string]int{stage1: 160, "saving": 140})}
	mean, i := difference(seeds, "saving", stage1, 0)
	if math.Abs(mean+10) > 1e-9 || math.Abs(i.Low+14.2) > 0.6 || math.Abs(i.High+5.8) > 0.6 {
		t.Errorf("got %.2f %+v, want -10 [-14.2, -5.8]", mean, i)
	}
	seeds = append(seeds, of(2, nil, map[string]int{stage1: 160, "saving": 160}))
	if mean, _ := difference(seeds, "saving", stage1, 0); math.Abs(mean+5) > 1e-9 {
		t.Errorf("of two seeds got %.2f, want -5", mean)
	}
}

// A part keeps the header and the rows it takes, of a compressed file, too.
func TestPartWrites(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "in.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	fmt.Fprint(z, "text\n0\n1\n2\n3")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	t.Setenv("POWERBERT_DATA", dir)
	p := part{"out", "in.gz", func(row int) bool { return row%2 == 1 }}
	if err := p.write(dir); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil || string(got) != "text\n1\n3" {
		t.Errorf("got %q, %v", got, err)
	}
}

// The table shows rows that all seeds have, and nothing of a task whose reference is not
// trained yet.
func TestMarkdown(t *testing.T) {
	one := of(1, nil, map[string]int{stage1: 160, longer: 150, "saving": 140})
	r := &Record{Tasks: []*Task{one}}
	for _, want := range []string{"## made up", "Seeds: 1.", "| saving |  | 1000 M | 1.00× | 0.0 | 70.0 | -10.0 ["} {
		if !strings.Contains(r.markdown(), want) {
			t.Errorf("no %q in\n%s", want, r.markdown())
		}
	}
	r.put(&Task{Name: "made up", Seed: 2, Rows: one.Rows[:1]})
	if strings.Contains(r.markdown(), "made up") {
		t.Error("a task is shown before its reference is trained")
	}
	r.put(&Task{Name: "made up", Seed: 2, Metric: "accuracy", Truth: one.Truth, Rows: one.Rows[:2]})
	if got := r.markdown(); strings.Contains(got, "| saving") || !strings.Contains(got, "Seeds: 1, 2.") {
		t.Errorf("a row of one seed is shown for two:\n%s", got)
	}
}

// The majority answers with the commonest label of training, whatever dev has; the bag of
// n-grams tells what a word does. Neither has multiply-adds, and both are made once.
func TestBaselines(t *testing.T) {
	dir := t.TempDir()
	e, err := configs.Load("demo", []string{"encoder.layers=1", "encoder.hidden=16", "encoder.intermediate=16", "data.demo.train=300", "data.demo.dev=60", "finetune.epochs=1", "finetune.min_steps=0"})
	if err != nil {
		t.Fatal(err)
	}
	made := &trial{dir: dir, exp: e, Task: Task{Name: "demo", Seed: 1, Metric: e.Data.Metric}}
	if made.sets, err = data.Load(e.Source()); err != nil {
		t.Fatal(err)
	}
	if _, err := pipeline.Finetune(t.Context(), e, made.options(dir)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := made.baselines(); err != nil {
			t.Fatal(err)
		}
	}
	if len(made.Rows) != 2 || made.Rows[0].Name != majority || made.Rows[1].Name != ngrams {
		t.Fatalf("%d rows", len(made.Rows))
	}
	label, right := float64(commonest(made.sets.Train)), 0.0
	for i := range made.sets.Dev.Examples {
		if made.Rows[0].Said[i] != label {
			t.Errorf("example %d: the majority says %v, want %v", i, made.Rows[0].Said[i], label)
		}
		if float64(made.sets.Dev.Examples[i].Label) == label {
			right++
		}
	}
	if got, want := made.Rows[0].Dev, right/60; math.Abs(got-want) > 1e-9 {
		t.Errorf("the majority has %v of dev, want %v", got, want)
	}
	if made.Rows[1].HeldOut < 0.6 || len(made.Rows[1].Said) != 60 {
		t.Errorf("the n-grams have %v of the rows that choose", made.Rows[1].HeldOut)
	}
	if got := line([]*Task{&made.Task}, made.Rows[1], ngrams); !strings.HasPrefix(got, "| bag of n-grams |  | | | ") {
		t.Errorf("the line is %s", got)
	}
}
