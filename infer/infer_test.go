package infer

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// length is N of the tiny model, which most reviews of the demo task exceed.
const length = 22

// tiny is a classifier of random weights, large enough to be sure of itself,
// with a retention configuration (nil: dense), from a directory.
func tiny(t testing.TB, r *retention.Configuration) *Model {
	t.Helper()
	m, err := Open(saveTiny(t, r), length)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func saveTiny(t testing.TB, r *retention.Configuration) string {
	t.Helper()
	dir := t.TempDir()
	tok, err := tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = tok.Size(), 12, 3, 3
	c.IntermediateSize, c.MaxPositionEmbeddings, c.InitializerRange, c.PowerRetention = 20, 64, 0.5, r
	c.SetLabels(data.DemoLabels())
	p := model.NewParams[float32](c)
	p.Init(3)
	if err := errors.Join(tok.Save(dir), model.Save(dir, c, p)); err != nil {
		t.Fatal(err)
	}
	return dir
}

var (
	absolute = retention.Configuration{MaxLength: length, Ranks: "absolute", Keep: []int{13, 7, 3}}
	relative = retention.Configuration{MaxLength: length, Ranks: "relative", Keep: []int{13, 7, 3}}
	voting   = retention.Configuration{MaxLength: length, Ranks: "absolute", Keep: []int{13, 7, 3}, PadQueriesVote: true}
	valued   = retention.Configuration{MaxLength: length, Ranks: "relative", Keep: []int{13, 7, 3}, Score: retention.ScoreValue}
	head     = retention.Configuration{MaxLength: length, Ranks: "absolute", Keep: []int{13, 7, 3}, Strategy: retention.StrategyHead}
	random   = retention.Configuration{MaxLength: length, Ranks: "absolute", Keep: []int{13, 7, 3}, Strategy: retention.StrategyRandom,
		Positions: retention.DrawPositions(length, 4)}
	headShare   = retention.Configuration{MaxLength: length, Ranks: "relative", Keep: []int{13, 7, 3}, Strategy: retention.StrategyHead}
	randomShare = retention.Configuration{MaxLength: length, Ranks: "relative", Keep: []int{13, 7, 3}, Strategy: retention.StrategyRandom,
		Positions: random.Positions}
)

// kinds are the ways of elimination.
var kinds = map[string]*retention.Configuration{"dense": nil, "absolute": &absolute, "relative": &relative, "voting": &voting, "value norms": &valued,
	"head": &head, "random": &random, "head, relative": &headShare, "random, relative": &randomShare}

// encoded is the demo task's dev set of n reviews, as the model reads it.
func encoded(m *Model, n int) ([]data.Encoded, []string) {
	_, dev := data.DemoTask(data.DemoSize{Train: 1, Dev: n, Seed: 9})
	var texts []string
	for _, e := range dev.Examples {
		texts = append(texts, e.Text)
	}
	return data.Encode(dev, m.Tokenizer, length), texts
}

// near tells whether two predictions agree up to rounding: products of other
// sizes may sum in another order.
func near(a, b Prediction) bool {
	for i, p := range a.Probabilities {
		if math.Abs(p-b.Probabilities[i]) > 1e-4 {
			return false
		}
	}
	return a.Label == b.Label && a.Class == b.Class
}

func TestClassifySaysWhatPredictSays(t *testing.T) {
	m := tiny(t, &absolute)
	examples, texts := encoded(m, 37)
	got, err := m.Classify(texts)
	if err != nil {
		t.Fatal(err)
	}
	want, err := m.Predict(examples)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("Classify and Predict differ")
	}
	seen := map[string]bool{}
	for i, p := range got {
		seen[p.Label] = true
		if p.Label != data.DemoLabels()[p.Class] || math.Abs(p.Probabilities[0]+p.Probabilities[1]-1) > 1e-9 || p.Probabilities[p.Class] < 0.5 {
			t.Errorf("text %d: %+v does not hang together", i, p)
		}
	}
	if len(seen) != 2 {
		t.Errorf("the model says %v of all texts, want both labels", seen)
	}
	if none, err := m.Classify(nil); err != nil || len(none) != 0 {
		t.Errorf("no text: %v, %v", none, err)
	}
}

// Texts are cut to what the caller says, or to the model's positions.
func TestOpenCutsTexts(t *testing.T) {
	dir := saveTiny(t, nil)
	for maxLength, want := range map[int]int{0: 64, 1: 1, 5: 5} {
		m, err := Open(dir, maxLength)
		if err != nil {
			t.Fatal(err)
		}
		if m.MaxLength() != want {
			t.Errorf("asked for %d tokens, got %d, want %d", maxLength, m.MaxLength(), want)
		}
	}
}

// Padding, the number of workers and what else is in a batch change nothing.
func TestRunDependsOnTheExampleAlone(t *testing.T) {
	for name, r := range kinds {
		m := tiny(t, r)
		examples, _ := encoded(m, 71)
		want, err := m.Predict(examples)
		if err != nil {
			t.Fatal(err)
		}
		for _, way := range []struct{ padTo, workers int }{{0, 3}, {length, 1}, {length, 2}} {
			got, err := m.Run(context.Background(), examples, way.padTo, way.workers)
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if !near(got.Predictions[i], want[i]) {
					t.Errorf("%s, padded to %d, %d workers, example %d: %v, want %v", name, way.padTo, way.workers, i, got.Predictions[i], want[i])
				}
			}
		}
		alone, err := m.Predict(examples[70:])
		if err != nil || !near(alone[0], want[70]) {
			t.Errorf("%s: example 70 alone: %v, %v, want %v", name, alone, err, want[70])
		}
	}
}

// The word-vectors that were counted are those that the retention configuration
// and the lengths give by hand.
func TestRunCountsWordVectors(t *testing.T) {
	mean := func(examples []data.Encoded, rows func(n int) int) float64 {
		sum := 0
		for _, e := range examples {
			sum += rows(len(e.IDs))
		}
		return float64(sum) / float64(len(examples))
	}
	share := func(l int) func(n int) int { return func(n int) int { return (n*l + length - 1) / length } }
	atMost := func(l int) func(n int) int { return func(n int) int { return min(n, l) } }
	drawn := func(l int) func(n int) int {
		return func(n int) int {
			return len(slices.DeleteFunc(slices.Clone(random.Positions[:l]), func(p int) bool { return p >= n }))
		}
	}
	all := func(n int) int { return n }
	full := func(int) int { return length }
	for _, c := range []struct {
		name   string
		r      *retention.Configuration
		padTo  int
		first  func(n int) int
		second func(n int) int
	}{
		{"dense", nil, 0, all, all},
		{"dense, padded", nil, length, full, full},
		{"absolute", &absolute, 0, atMost(13), atMost(7)},
		{"absolute, padded", &absolute, length, func(int) int { return 13 }, func(int) int { return 7 }},
		{"relative", &relative, 0, share(13), share(7)},
		{"relative, padded", &relative, length, share(13), share(7)},
		{"voting, always padded", &voting, 0, func(int) int { return 13 }, func(int) int { return 7 }},
		{"head", &head, 0, atMost(13), atMost(7)},
		{"head, relative", &headShare, 0, share(13), share(7)},
		{"random", &random, 0, drawn(13), drawn(7)},
		{"random, padded", &random, length, func(int) int { return 13 }, func(int) int { return 7 }},
		{"random, relative", &randomShare, 0, share(13), share(7)},
		{"random, relative, padded", &randomShare, length, share(13), share(7)},
	} {
		m := tiny(t, c.r)
		examples, _ := encoded(m, 109) // more batches than workers
		p, err := m.Run(context.Background(), examples, c.padTo, 2)
		if err != nil {
			t.Fatal(err)
		}
		for j, want := range []float64{mean(examples, c.first), mean(examples, c.second), 1} {
			if math.Abs(p.Kept[j]-want) > 1e-9 {
				t.Errorf("%s: %v word-vectors leave encoder %d, want %v", c.name, p.Kept[j], j+1, want)
			}
		}
	}
}

func TestModelServesSeveralAtOnce(t *testing.T) {
	m := tiny(t, &relative)
	examples, texts := encoded(m, 40)
	want, err := m.Predict(examples)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			got, err := m.Predict(examples)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("another goroutine predicts otherwise (%v)", err)
			}
			if trace, err := m.Trace(texts[7]); err != nil || !near(trace.Prediction, want[7]) {
				t.Errorf("another goroutine traces otherwise (%v)", err)
			}
		})
	}
	wait.Wait()
}

func TestRunStopsWithItsContext(t *testing.T) {
	m := tiny(t, nil)
	examples, _ := encoded(m, 3)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Run(ctx, examples, 0, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("run in a cancelled context: %v", err)
	}
}

func TestRunRefusesWhatDoesNotFit(t *testing.T) {
	m := tiny(t, nil)
	for name, e := range map[string]data.Encoded{
		"a token id beyond the vocabulary": {IDs: []int32{2, 1 << 20, 3}, Types: []int32{0, 0, 0}},
		"more tokens than positions":       {IDs: make([]int32, 65), Types: make([]int32, 65)},
	} {
		if _, err := m.Predict([]data.Encoded{e}); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := m.TraceEncoded(e); err == nil {
			t.Errorf("%s: Trace gives no error", name)
		}
	}
}

func TestOpenNamesTheFileAtFault(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"vocab.txt": func(dir string) error {
			return errors.Join(os.Remove(dir+"/vocab.txt"), os.Remove(dir+"/tokenizer.json"))
		},
		"config.json":       func(dir string) error { return os.WriteFile(dir+"/config.json", []byte("{"), 0o644) },
		"model.safetensors": func(dir string) error { return os.Truncate(dir+"/model.safetensors", 100) },
	} {
		dir := saveTiny(t, nil)
		if err := spoil(dir); err != nil {
			t.Fatal(err)
		}
		var weights *model.Error
		var vocab *tokenizer.Error
		if _, err := Open(dir, 0); !errors.As(err, &weights) && !errors.As(err, &vocab) {
			t.Errorf("without a good %s: %v, want an error of the model or its vocabulary", name, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "nowhere"), 0); err == nil {
		t.Error("no directory: no error")
	}
}

// Weights that are finite may come to what is not: that is an error, not an answer.
func TestLogitsThatAreNotFinite(t *testing.T) {
	dir := saveTiny(t, nil)
	l, err := model.LoadTrained[float32](dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.Params.Slice("classifier.weight") {
		l.Params.Slice("classifier.weight")[i] = math.MaxFloat32
	}
	if err := model.Save(dir, l.Config, l.Params); err != nil {
		t.Fatal(err)
	}
	m, err := Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := m.Classify([]string{"the film was good"}); !errors.Is(err, errNotFinite) {
		t.Errorf("predictions %v, error %v", p, err)
	}
	if trace, err := m.Trace("the film was good"); !errors.Is(err, errNotFinite) {
		t.Errorf("trace %v, error %v", trace, err)
	}
}

// The second text of a pair is told from the first by its types: the logits are those of
// the network that reads them, and not of one that reads zeros.
func TestPairsKeepTheirTypes(t *testing.T) {
	dir := saveTiny(t, nil)
	m, err := Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	pair := m.Encode(data.Example{Text: "the film was good", Pair: "the plot was dull"}, true)
	alike := pair
	alike.Types = make([]int32, len(pair.IDs))
	got, err := m.Predict([]data.Encoded{pair, alike})
	if err != nil {
		t.Fatal(err)
	}
	l, err := model.LoadTrained[float32](dir)
	if err != nil {
		t.Fatal(err)
	}
	n, err := model.NewNet(l.Config, l.Params, nil, model.Use{})
	if err != nil {
		t.Fatal(err)
	}
	n.Batch.AddSequence(pair.IDs, pair.Types, 0, 0)
	if err := n.Forward(); err != nil {
		t.Fatal(err)
	}
	want := model.Values[float32](n.Logits)
	for k, v := range want {
		if math.Abs(float64(got[0].Logits[k]-v)) > 1e-5 {
			t.Errorf("logit %d is %v, want %v", k, got[0].Logits[k], v)
		}
	}
	if slices.Equal(got[0].Logits, got[1].Logits) {
		t.Error("the types of a pair make no difference")
	}
}

// A folder of sentence-transformers says how long texts are where the caller does not, and
// so does a file that is made of it.
func TestOpenOfSentenceTransformers(t *testing.T) {
	dir := saveTiny(t, nil)
	if err := os.WriteFile(filepath.Join(dir, "sentence_bert_config.json"), []byte(`{"max_seq_length": 5}`), 0o666); err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[int]int{0: 5, 4: 4, 7: 7} {
		m, err := Open(dir, asked)
		if err != nil || m.MaxLength() != want {
			t.Errorf("asked for %d tokens, got %v (%v), want %d", asked, m, err, want)
		}
	}
	if x, err := Export(dir, filepath.Join(t.TempDir(), "a.onnx"), 0); err != nil || x.MaxLength != 5 {
		t.Errorf("exported %+v, %v, want 5 tokens", x, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sentence_bert_config.json"), []byte(`{"max_seq_length": 0}`), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, 0); err == nil {
		t.Error("0 tokens: no error")
	}
}
