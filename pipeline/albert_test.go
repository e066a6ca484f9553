package pipeline

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
)

// An ALBERT of sentences that one word decides, in SentencePiece pieces.
const albertYAML = `
encoder: {type: albert, embedding: 12, layers: 3, hidden: 32, heads: 2, intermediate: 48, positions: 24, dropout: 0, attention_dropout: 0}
tokenizer: {vocab: ../data/tokenizer/testdata/albert.model}
data: {task: table, train: train.csv, dev: dev.csv, text: [text], label: label, max_length: 24}
finetune: {min_steps: 0, epochs: 4, batch_size: 16, lr: 3e-3}
search: {min_steps: 0, epochs: 1, batch_size: 16, lr: 1e-3, lr_r: 0.05, lambda: 3e-3, ranks: relative}
retrain: {min_steps: 0, epochs: 1, batch_size: 16, lr: 1e-3}
workers: 2
`

func albert(t *testing.T, overrides ...string) *configs.Experiment {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "albert.yaml"), albertYAML)
	write(t, filepath.Join(dir, "train.csv"), sentences(1, 480))
	write(t, filepath.Join(dir, "dev.csv"), sentences(2, 90))
	e, err := configs.Load(filepath.Join(dir, "albert.yaml"), append(overrides, "data.dir="+dir))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// sentences are n that say good or bad among words that say neither.
func sentences(seed uint64, n int) string {
	random, words := rand.New(rand.NewPCG(seed, 1)), strings.Fields("the story of a film in which we hope for some love and never see it")
	table := "text,label\n"
	for i := range n {
		var s []string
		for range 3 + random.IntN(5) {
			s = append(s, words[random.IntN(len(words))])
		}
		verdict := []string{"good", "bad"}[i%2]
		s = slices.Insert(s, random.IntN(len(s)+1), verdict)
		table += strings.Join(s, " ") + "," + verdict + "\n"
	}
	return table
}

// All three stages: the model learns, each place of the shared encoder has an r and
// a retention of its own, and what is saved is one encoder under ALBERT's names with
// its tokenizer.
func TestALBERT(t *testing.T) {
	long(t)
	dir := filepath.Join(t.TempDir(), "run")
	results, err := Run(background, albert(t), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		t.Logf("%s: dev %.3f, loss %.3f, %d parameters", r.Stage, r.Dev, r.Loss, r.Params)
	}
	if first, last := results[0].Dev, results[2].Dev; first < 0.9 || last < 0.9 {
		t.Errorf("dev accuracy is %.3f, then %.3f, want 0.9 or more", first, last)
	}
	found := results[1].Retention
	if len(found.R) != 3 || slices.Equal(found.R[0], found.R[1]) || found.Retention[0] >= 24 {
		t.Errorf("r of %d encoders, retention %v; want three that differ, and fewer than all kept", len(found.R), found.Retention)
	}
	last := filepath.Join(dir, configs.StageRetrain)
	loaded, err := model.LoadTrained[float32](last)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(loaded.Config.PowerRetention.Keep, found.Retention) || len(loaded.Params.Arena()) != results[2].Params {
		t.Errorf("the saved model keeps %v with %d parameters, want %v with %d",
			loaded.Config.PowerRetention.Keep, len(loaded.Params.Arena()), found.Retention, results[2].Params)
	}
	if _, ok := loaded.Params.Lookup("albert.encoder.albert_layer_groups.0.albert_layers.0.ffn.weight"); !ok {
		t.Error("the encoder lacks ALBERT's names")
	}
	tok, err := tokenizer.Load(last)
	if _, unigram := tok.(*tokenizer.Unigram); err != nil || !unigram {
		t.Errorf("the saved tokenizer is %T, %v", tok, err)
	}
	card, err := os.ReadFile(filepath.Join(last, "README.md"))
	if err != nil || !strings.Contains(string(card), "an ALBERT classifier of 3 encoders") || !strings.Contains(string(card), "AlbertForSequenceClassification") {
		t.Errorf("the card is %s, %v", card, err)
	}
	again, err := Evaluate(background, last, EvaluateOptions{})
	if err != nil || again.Value != results[2].Dev {
		t.Errorf("evaluated again it scores %+v, %v; want %g", again, err, results[2].Dev)
	}
}

// A fine-tuned ALBERT is a pretrained one to the next experiment, which takes its
// shape and its tokenizer from it.
func TestALBERTFromADirectory(t *testing.T) {
	long(t)
	first := albert(t)
	result, err := Finetune(background, first, Options{Dir: filepath.Join(t.TempDir(), "first"), MaxSteps: 2})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "second.yaml")
	write(t, path, "model: "+result.Dir+"\n"+albertYAML[strings.Index(albertYAML, "data:"):])
	e, err := configs.Load(path, []string{"data.dir=" + first.Data.Dir})
	if err != nil {
		t.Fatal(err)
	}
	results, err := Run(background, e, Options{Dir: filepath.Join(t.TempDir(), "second"), MaxSteps: 2})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(results); n != 3 {
		t.Errorf("%d stages ran, want 3", n)
	}
}

// The shape of random weights must be one.
func TestALBERTCannotBePretrained(t *testing.T) {
	e := albert(t)
	tok, err := Tokenizer(background, e, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &source{&run{exp: e}, &task{tok: tok}}
	_, _, err = w.encoderToPretrain()
	if want := `model_type is "albert", want "bert", "roberta", "camembert", "xlm-roberta", "distilbert", "electra", "mpnet" or "modernbert" for masked-language modelling`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want %s", err, want)
	}
}
