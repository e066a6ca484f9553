package main

import (
	"math/rand/v2"
	"runtime"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// benchFlags are the flags of `train bench`.
type benchFlags struct {
	batches, lengths []int
	data             string
	text             []string
	maxLength        int
	budget           float64
	workers, cores   int
	seconds          float64
	cutLengths       bool // to what the model takes
}

// usagef says what is wrong with them.
func (*benchFlags) usagef(format string, args ...any) error { return usagef("bench", format, args...) }

// check refuses flags that make no sense with any model.
func (f *benchFlags) check() error {
	switch {
	case len(f.batches) == 0 || slices.Min(f.batches) < 1:
		return f.usagef("--batch is %v, want numbers above 0", f.batches)
	case len(f.lengths) == 0 || slices.Min(f.lengths) < 2:
		return f.usagef("--length is %v, want 2 tokens or more: [CLS] and [SEP]", f.lengths)
	case f.workers < 1 || !(f.seconds > 0):
		return f.usagef("--workers is %d and --seconds %g, want both above 0", f.workers, f.seconds)
	case f.cores != 0 && (f.cores < f.workers || f.cores > runtime.GOMAXPROCS(0)):
		return f.usagef("--cores is %d, want as many as --workers, %d, to those there are, %d", f.cores, f.workers, runtime.GOMAXPROCS(0))
	case f.data == "" && (len(f.text) > 0 || f.maxLength != 0):
		return f.usagef("--text and --max-length are about the texts of --data, which is missing")
	case len(f.text) > 2:
		return f.usagef("--text names %d columns, want one, or two for pairs", len(f.text))
	}
	return nil
}

// A benchInput is what all ways of a cell run on.
type benchInput struct {
	examples []data.Encoded
	length   float64 // mean
	paddings []int   // each for a pair of ways; 0: none
	cut      int     // examples that were too long
}

// randomTexts is how many texts of each length there are.
const randomTexts = 256

// inputs are the file's texts, or random ones of every length.
func (f *benchFlags) inputs(m *infer.Model, dir string) ([]benchInput, error) {
	if f.data != "" {
		in, err := f.texts(m, dir)
		return []benchInput{in}, err
	}
	lengths, most := slices.Clone(f.lengths), m.Config.Longest()
	for i, n := range lengths {
		if f.cutLengths {
			lengths[i] = min(n, most)
		} else if n > most {
			return nil, f.usagef("--length %d is more than the %d positions of %s", n, most, dir)
		}
	}
	var list []benchInput
	for _, n := range slices.Compact(lengths) {
		examples, err := m.Random(randomTexts, n)
		if err != nil {
			return nil, err
		}
		list = append(list, benchInput{examples: examples, length: float64(n), paddings: []int{0}})
	}
	return list, nil
}

// texts are those of the file, shuffled: it may be sorted by length.
func (f *benchFlags) texts(m *infer.Model, dir string) (in benchInput, err error) {
	maxLength, err := textLength("bench", dir, f.maxLength)
	if err != nil {
		return in, err
	}
	set, err := f.readData(m, dir)
	if err != nil {
		return in, err
	}
	in.examples, in.paddings = data.Encode(set, m.Tokenizer, maxLength), []int{maxLength, 0}
	for _, e := range in.examples {
		in.length += float64(e.Tokens()) / float64(len(in.examples))
		if e.Longer() {
			in.cut++
		}
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(in.examples), func(i, k int) {
		in.examples[i], in.examples[k] = in.examples[k], in.examples[i]
	})
	return in, nil
}

// readData reads the file, by the columns of --text or as the experiment says.
func (f *benchFlags) readData(m *infer.Model, dir string) (*data.Set, error) {
	if len(f.text) > 0 { // labels do not matter, so a text stands for one
		return data.LoadFile(data.Source{Task: data.TaskTable, Text: f.text, Label: f.text[0]}, f.data, nil)
	}
	e, path, err := rundir.ExperimentBeside(dir)
	if err != nil {
		return nil, err
	}
	if e == nil {
		return nil, f.usagef("no %s tells how to read %s; name its text column with --text", path, f.data)
	}
	return data.LoadFile(e.Source(), f.data, m.Config.Labels())
}
