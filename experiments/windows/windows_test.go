package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/exptest"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/problem"
)

// A text counts once, with its tokens, [CLS] and [SEP] among them.
func TestReviews(t *testing.T) {
	dir := t.TempDir()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, "id\trating\tlabel\ttext\nneg/0\t1\t0\ta b a\npos/0\t9\t1\tb\npos/1\t9\t1\ta b a\npos/2\t9\t1\t\"a b\n")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	exptest.Write(t, filepath.Join(dir, "train.tsv.gz"), b.String())
	exptest.Write(t, filepath.Join(dir, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n\"\n")
	got, err := reviews(filepath.Join(dir, "train.tsv.gz"), dir)
	if want := []review{{"a b a", "0", 5}, {"b", "1", 3}, {"\"a b", "1", 5}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

// What is read is longer than a model takes in, and what is learned is not; both are drawn
// the same way every time.
func TestDraw(t *testing.T) {
	var made []review
	for i := range 300 {
		made = append(made, review{fmt.Sprint(i), "0", 2 * (i + 213)}) // 44 up to 512, 256 above
	}
	some, texts := draw(made, 30, 40)
	if len(some) != 30 || len(texts) != 40 || partOf(some).Long != 0 || partOf(texts).Long != 40 || some[0].tokens == 426 && some[1].tokens == 428 {
		t.Errorf("%d to learn, %d to read: %v, %v", len(some), len(texts), some, texts)
	}
	if again, _ := draw(made, 30, 40); !slices.Equal(again, some) {
		t.Error("other reviews are learned the second time")
	}
	if some, texts := draw(made[:50], 100, 40); len(some) != 44 || len(texts) != 6 {
		t.Errorf("of few reviews %d are learned and %d are read, want 44 and 6", len(some), len(texts))
	}
}

func TestPartOf(t *testing.T) {
	if got, want := partOf([]review{{"", "1", 512}, {"", "0", 513}, {"", "1", 1000}}), (Part{3, 2, 675, 2}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// of makes a row that is right on so many of 200 texts, half of them of label 1.
func of(seed, length int, learned, read string, right int) *Row {
	r := &Row{Seed: seed, Length: length, Learned: learned, Stage: configs.StageFinetune, Read: read, MACs: 2e9, Windows: 3}
	for i := range 200 {
		said := i % 2
		if i >= right {
			said = 1 - said
		}
		r.Said = append(r.Said, said)
	}
	return r
}

// A row that is right on a tenth less of 200 texts is 10 points below, with the interval of
// 200 draws of probability 0.1, ±1.96·√(0.1·0.9/200) = 4.2 points, of the rows of the same
// seeds.
func TestDifference(t *testing.T) {
	r := &Record{Rows: []*Row{of(1, 512, cut, cut, 160), of(1, 512, cut, problem.JoinMean, 140), of(1, 256, cut, cut, 150), of(1, 256, cut, problem.JoinMean, 170)}}
	for i := range 200 {
		r.Truth = append(r.Truth, i%2)
	}
	mean, v := r.difference(r.Rows[1:2], r.Rows[:1])
	if math.Abs(mean+10) > 1e-9 || math.Abs(v.Low+14.2) > 0.6 || math.Abs(v.High+5.8) > 0.6 {
		t.Errorf("got %.2f [%.2f, %.2f], want -10 [-14.2, -5.8]", mean, v.Low, v.High)
	}
	for _, want := range []string{"| 512 | dense | cut | cut | 3.00 | 2.00 G |  | 80.0 |  |  |", "| 512 | dense | cut | mean | 3.00 | 2.00 G |  | 70.0 | -10.0 [",
		"| 256 | dense | cut | cut | 3.00 | 2.00 G |  | 75.0 |  | -5.0 [", "| 256 | dense | cut | mean | 3.00 | 2.00 G |  | 85.0 | +10.0 ["} {
		if !strings.Contains(r.markdown(), want) {
			t.Errorf("no %q in\n%s", want, r.markdown())
		}
	}
	r.Rows = append(r.Rows, of(2, 512, cut, cut, 100), of(2, 512, cut, problem.JoinMean, 120))
	if mean, _ := r.difference(r.seeds(r.Rows[1].name()), r.seeds(r.Rows[0].name())); math.Abs(mean) > 1e-9 {
		t.Errorf("of two seeds got %.2f, want 0", mean)
	}
}

// A pair of models is trained once, and its rows are of all ways to read: a window costs
// what survives in it, and the model that learned from windows does not cut.
func TestPair(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := t.TempDir()
	exptest.Write(t, filepath.Join(dir, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n")
	rows := "label\ttext\n" + strings.Repeat("0\ta a a\n1\t"+strings.Repeat("b ", 100)+"\n", 4)
	exptest.Write(t, filepath.Join(dir, "rows.tsv"), rows)
	exptest.Write(t, filepath.Join(dir, readFile), rows)
	exptest.Write(t, filepath.Join(dir, "small.yaml"), "tokenizer: {vocab: "+dir+"/vocab.txt}\nencoder: {layers: 6, hidden: 8, heads: 2, intermediate: 8, positions: 64}\n"+
		"data: {task: table, train: "+dir+"/rows.tsv, dev: "+dir+"/rows.tsv, text: [text], label: label, held_out: 0}\n"+
		"finetune: {epochs: 1, min_steps: 0}\nretrain: {epochs: 1, min_steps: 0}\n")
	made, records := &trial{file: filepath.Join(dir, "small.yaml"), out: dir, seed: 1}, 0
	noted := func() error { records++; return nil }
	if err := made.pair(t.Context(), 64, cut, noted); err != nil {
		t.Fatal(err)
	}
	if err := made.pair(t.Context(), 64, windows, noted); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range made.rows {
		names = append(names, strings.ReplaceAll(r.name(), "64 | ", ""))
		if r.Read != cut && r.Windows != 2 || r.Read == cut && r.Windows != 1 { // 1 and 3 of them: from pieces 0, 30 and 60 of 100
			t.Errorf("%s: %v windows a text", r.name(), r.Windows)
		}
	}
	want := "dense | cut | cut, dense | cut | mean, dense | cut | max, eliminating | cut | cut, eliminating | cut | mean, eliminating | cut | max, " +
		"dense | windows | mean, dense | windows | max, eliminating | windows | mean, eliminating | windows | max"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("rows\n%s\nwant\n%s", got, want)
	}
	if d, e := made.rows[1].MACs, made.rows[4].MACs; !(e < 0.7*d) {
		t.Errorf("windows take %v multiply-adds, of a model that eliminates %v", d, e)
	}
	said(t, made)
	if records != 4 {
		t.Errorf("%d models are recorded, want 4", records)
	}
	retimed(t, made)
	again := &trial{file: made.file, out: dir, seed: 1, known: append(slices.Clone(made.rows), of(2, 64, cut, cut, 9))}
	if err := again.pair(t.Context(), 64, cut, noted); err != nil || !slices.Equal(again.rows, made.rows[:6]) {
		t.Errorf("%d rows the second time, want the 6 that are known (%v)", len(again.rows), err)
	}
}

// A record goes on if it is of the same reviews.
func TestBegin(t *testing.T) {
	table, mine := t.TempDir(), Reviews{Train: Part{Reviews: 3}}
	for _, want := range []int{0, 1} {
		r, err := begin(t.Context(), table, &mine)
		if err != nil || len(r.Rows) != want || r.Reviews != mine {
			t.Fatalf("%+v, %v, want %d rows", r, err, want)
		}
		r.put(&trial{seed: 1, rows: []*Row{of(1, 64, cut, cut, 9)}, texts: &data.Set{}})
		if err := r.write(table); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := begin(t.Context(), table, &Reviews{}); err != nil || len(r.Rows) != 0 {
		t.Errorf("of other reviews %+v, %v", r, err)
	}
}

// retimed has the recorded models timed, with nothing else of the record changed.
func retimed(t *testing.T, made *trial) {
	t.Helper()
	table := t.TempDir()
	record := &Record{Commit: "c"}
	record.put(made)
	if err := record.write(table); err != nil {
		t.Fatal(err)
	}
	if err := retime(t.Context(), table, &trial{file: made.file, out: made.out}, 2, 1); err != nil {
		t.Fatal(err)
	}
	got, err := readRecord(table)
	if err != nil || got.Commit != "c" || got.Times == nil || got.Times.Texts != 2 || len(got.Rows) != len(made.rows) {
		t.Fatalf("the record is %+v, %v", got, err)
	}
	for _, r := range got.Rows {
		if timed := r.Milliseconds != nil && r.Milliseconds.Median > 0; timed != (r.Read != problem.JoinMax) {
			t.Errorf("%s: timed: %v", r.name(), timed)
		}
	}
	if !strings.Contains(got.markdown(), "the first 2 texts") {
		t.Error("the table does not say how times were measured")
	}
}

// said holds a row against what the model says that opens texts as its config.json says.
func said(t *testing.T, made *trial) {
	t.Helper()
	for _, r := range made.rows[6:] {
		m, err := infer.Open(made.model(r), 0)
		if err != nil {
			t.Fatal(err)
		}
		m.Config.Window.Join = r.Read
		for i, e := range made.texts.Examples {
			p, err := m.Predict([]data.Encoded{m.Encode(e, false)})
			if err != nil || p[0].Class != r.Said[i] {
				t.Errorf("%s: text %d is said to be %d, by itself %v (%v)", r.name(), i, r.Said[i], p, err)
			}
		}
	}
}
