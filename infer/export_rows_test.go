package infer

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/onnx"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/retention"
)

// What leaves each encoder in ONNX Runtime has as many rows as the retention
// configuration says, and they are the rows that leave it here, in their order.
func TestExportRemovesRows(t *testing.T) {
	for _, ranks := range []string{"absolute", "relative"} {
		t.Run(ranks, func(t *testing.T) {
			dir := saveTiny(t, &retention.Configuration{MaxLength: length, Ranks: ranks, Keep: []int{13, 7, 3}})
			sameRows(t, dir, randomBatches(t, dir))
		})
	}
}

// randomBatches are of several sizes and lengths, up to more than N.
func randomBatches(t *testing.T, dir string) (batches [][]data.Encoded) {
	m, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, lengths := range [][]int{{length}, {30}, {2}, {5, 5, 5}, {9, 22, 3, 17}, {length, 14, 2, 8, 21, 11, 3}} {
		var batch []data.Encoded
		for _, n := range lengths {
			one, err := m.Random(1, n)
			if err != nil {
				t.Fatal(err)
			}
			batch = append(batch, one...)
		}
		batches = append(batches, batch)
	}
	return batches
}

// A model that was trained says in ONNX Runtime what it says here.
func TestExportOfATrainedModel(t *testing.T) {
	oracle(t, "POWERBERT_RUNTIMES")
	if testing.Short() {
		t.Skip("trains a model")
	}
	e, err := configs.Load("demo", []string{"workers=2", "data.demo.train=3000", "data.demo.dev=300", "encoder.layers=3", "encoder.hidden=32",
		"encoder.intermediate=64", "finetune.epochs=4", "finetune.min_steps=0", "finetune.lr=2e-3", "search.epochs=1", "search.lr_r=2e-2", "retrain.epochs=1", "retrain.min_steps=0"})
	if err != nil {
		t.Fatal(err)
	}
	run := t.TempDir()
	results, err := pipeline.Run(t.Context(), e, pipeline.Options{Dir: run})
	if err != nil {
		t.Fatal(err)
	}
	retrained := results[2]
	if keep := results[1].Retention.Retention; retrained.Dev < 0.75 || keep[0] >= e.Data.MaxLength/2 {
		t.Fatalf("dev accuracy %.3f with %v kept: the model is none to prove anything by", retrained.Dev, keep)
	}
	m, err := Open(retrained.Dir, e.Data.MaxLength)
	if err != nil {
		t.Fatal(err)
	}
	_, dev := data.DemoTask(data.DemoSize{Train: 1, Dev: 400, Seed: 77})
	examples := data.Encode(dev, m.Tokenizer, e.Data.MaxLength)
	agree(t, retrained.Dir, examples)
	sameRows(t, retrained.Dir, slices.Collect(slices.Chunk(examples[:40], 8)))
}

// sameRows compares what leaves each encoder in ONNX Runtime and here.
func sameRows(t *testing.T, dir string, batches [][]data.Encoded) {
	t.Helper()
	loaded, err := model.LoadTrained[float32](dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "model.onnx")
	if err := exportEncoders(loaded, file); err != nil {
		t.Fatal(err)
	}
	var feeds []onnxBatch
	for _, batch := range batches {
		feeds = append(feeds, onnxBatches(batch, len(batch), 0)...)
	}
	answers := inONNXRuntime(t, file, feeds)
	here, err := model.NewNet(loaded.Config, loaded.Params, nil, model.Use{Elimination: loaded.Config.Elimination(), Inspect: true})
	if err != nil {
		t.Fatal(err)
	}
	swapped := 0.0 // how far rows would be apart if they came in reverse
	for i, batch := range batches {
		here.Batch.Reset()
		for _, e := range batch {
			here.Batch.AddSequence(e.IDs, e.Types, 0, 0)
		}
		if err := here.Forward(); err != nil {
			t.Fatal(err)
		}
		for j := range here.Encoders {
			swapped = max(swapped, sameOutput(t, &loaded.Config, here, j, answers[i], lengthsOf(batch)))
		}
	}
	if swapped < 0.1 {
		t.Errorf("rows in reverse would be %g apart at most, too near to be told", swapped)
	}
}

// exportEncoders is Export, with what leaves encoder j as an output "j" more.
func exportEncoders(loaded *model.Loaded[float32], path string) error {
	e := newExporter(loaded.Config, loaded.Params)
	for j, x := range e.encoders {
		e.Output(fmt.Sprint(j), x, onnx.Float32, "batch", fmt.Sprint("rows ", j), loaded.Config.HiddenSize)
	}
	file, err := (&onnx.Model{Graph: e.Graph, Opset: OldestOpset, Name: "powerbert"}).File()
	if err != nil {
		return err
	}
	return atomicfile.WriteWith(path, func(w io.Writer) error {
		_, err := file.WriteTo(w)
		return err
	})
}

// sameOutput compares the output of encoder j, and returns how far apart the first
// and the last row of a sequence are at most: reversed, they would differ by that.
func sameOutput(t *testing.T, c *arch.Config, here *model.Net[float32], j int, answer map[string]onnxTensor, lengths []int) (reversed float64) {
	t.Helper()
	got, h := answer[fmt.Sprint(j)], c.HiddenSize
	if want := []int{len(lengths), keptRows(c, j, lengths), h}; !slices.Equal(got.Shape, want) {
		t.Errorf("lengths %v: encoder %d makes the shape %v, want %v", lengths, j+1, got.Shape, want)
		return 0
	}
	rows, layout := model.Values[float32](here.Encoders[j].Output), here.Encoders[j].Selection.Out()
	for s := range lengths {
		from, to, _ := layout.Bounds(s)
		theirs := slices.Collect(slices.Chunk(got.Data[s*got.Shape[1]*h:(s+1)*got.Shape[1]*h], h))
		for i := from; i < to; i++ {
			at := slices.IndexFunc(theirs, func(row []float64) bool { return apart(rows[i*h:(i+1)*h], row) <= 1e-4 })
			if at < 0 {
				t.Errorf("lengths %v, encoder %d: row %d of sequence %d is not there after the row before it", lengths, j+1, i-from, s)
				return 0
			}
			theirs = theirs[at+1:] // those passed over are of other lengths: rows of no word-vector
		}
		reversed = max(reversed, apart(rows[from*h:(from+1)*h], wide(rows[(to-1)*h:to*h])))
	}
	return reversed
}

// apart is the greatest difference of two rows.
func apart(a []float32, b []float64) (most float64) {
	for i, v := range a {
		most = max(most, math.Abs(float64(v)-b[i]))
	}
	return most
}

func wide(row []float32) []float64 {
	list := make([]float64, len(row))
	for i, v := range row {
		list[i] = float64(v)
	}
	return list
}

// keptRows is how many rows leave encoder j (Goyal et al. 2020, section 3.2): as
// many as the sequence that keeps most; of the last only [CLS].
func keptRows(c *arch.Config, j int, lengths []int) int {
	rows, r := 0, c.PowerRetention
	for _, n := range lengths {
		kept := r.Keep[j]
		if r.Ranks == "relative" {
			kept = int(math.Ceil(float64(n) * float64(kept) / float64(r.MaxLength)))
		}
		rows = max(rows, min(n, kept))
	}
	if j == c.NumHiddenLayers-1 {
		return 1
	}
	return rows
}

func lengthsOf(batch []data.Encoded) (lengths []int) {
	for _, e := range batch {
		lengths = append(lengths, len(e.IDs))
	}
	return lengths
}
