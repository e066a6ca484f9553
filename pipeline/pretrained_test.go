package pipeline

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// pretrained is a directory with a model of tiny's size but for what change does.
func pretrained(t *testing.T, change func(c *arch.Config)) string {
	t.Helper()
	loaded, err := model.LoadTrained[float32](filepath.Join(finished(t), "finetune"))
	if err != nil {
		t.Fatal(err)
	}
	c := loaded.Config
	change(&c)
	p := model.NewParams[float32](c)
	p.Init(1)
	dir := filepath.Join(t.TempDir(), "pretrained")
	if err := model.Save(dir, c, p); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "vocab.txt"), strings.Join(data.DemoVocabulary(), "\n"))
	return dir
}

// A model that cannot take the experiment's data is refused by its name before
// anything is made.
func TestPretrainedMustFit(t *testing.T) {
	long(t)
	const demo = "data: {task: demo, max_length: 48}\n"
	pairs := "data: {task: table, text: [a, b], label: c, train: $DIR/pairs.csv, dev: $DIR/pairs.csv, max_length: 48}\n"
	for _, test := range []struct {
		name, yaml string
		change     func(c *arch.Config)
		want       string
	}{
		{"vocabulary", demo, func(c *arch.Config) { c.VocabSize = 100 },
			": the tokenizer has 132 pieces, but the model's vocab_size is 100; set tokenizer.vocab to the model's own"},
		{"positions", demo, func(c *arch.Config) { c.MaxPositionEmbeddings = 20 },
			": data.max_length is 48, but the model has positions for 20 tokens"},
		{"token types", pairs, func(c *arch.Config) { c.TypeVocabSize = 1 },
			": the examples are pairs of texts, but the model has type_vocab_size 1, which tells no second text from a first"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := pretrained(t, test.change)
			write(t, filepath.Join(dir, "pairs.csv"), "a,b,c\ngood,bad,x\nbad,good,y\n")
			path := filepath.Join(t.TempDir(), "x.yaml")
			write(t, path, "model: "+dir+"\n"+strings.ReplaceAll(test.yaml, "$DIR", dir))
			e, err := configs.Load(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			out := empty(t)
			_, err = Finetune(background, e, Options{Dir: out})
			fails(t, err, dir+test.want)
			if exists(out) {
				t.Errorf("%s was made", out)
			}
		})
	}
}

// What may be used, but hardly is what was meant, is warned of.
func TestPretrainedIsDoubted(t *testing.T) {
	long(t)
	words := data.DemoVocabulary()
	swapped := append([]string{}, words...)
	swapped[7], swapped[9] = words[9], words[7]
	lower, err := tokenizer.New(words, tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		length int      // of pretraining
		vocab  []string // of tokenizer.vocab; nil: the model's own
		set    string
		want   string // of the warning; "": none
		meant  string // sentence_bert_config.json; "": none
	}{
		{"nothing", 0, nil, "", "", ""},
		{"as long", 48, nil, "", "", ""},
		{"longer", 21, nil, "", "data.max_length is 48, but $MODEL was pretrained on at most 21 tokens: the positions beyond were never trained, " +
			"and $BEYOND of 40 training sequences reach them; lower data.max_length to 21, or pretrain the model further with pretrain.max_length 48", ""},
		{"the same", 0, words, "", "", ""},
		{"cut short", 0, words[:120], "", "", ""},
		{"other pieces", 0, swapped, "", fmt.Sprintf("tokenizer.vocab $VOCAB is not the model's tokenizer $MODEL/tokenizer.json: "+
			"2 of its 132 ids are of other pieces, id 7 of %q for %q; remove tokenizer.vocab, or name the model that it belongs to", words[9], words[7]), ""},
		{"other case", 0, words, "tokenizer.lowercase=false", "tokenizer.vocab $VOCAB is not the model's tokenizer $MODEL/tokenizer.json: " +
			"it treats case or accents otherwise; remove tokenizer.vocab, or name the model that it belongs to", ""},
		{"of sentence-transformers", 0, nil, "", "data.max_length is 48, but $MODEL reads 47 tokens of a text by its sentence_bert_config.json, and may have learned no more; " +
			"lower data.max_length to 47 if longer texts score no better", `{"max_seq_length": 47, "do_lower_case": false}`},
		{"of sentence-transformers, as long", 0, nil, "", "", `{"max_seq_length": 48}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := pretrained(t, func(c *arch.Config) { c.PretrainedLength = test.length })
			if err := lower.Save(dir); err != nil {
				t.Fatal(err)
			}
			if test.meant != "" {
				write(t, filepath.Join(dir, "sentence_bert_config.json"), test.meant)
			}
			yaml, vocab := filepath.Join(t.TempDir(), "x.yaml"), filepath.Join(t.TempDir(), "vocab.txt")
			write(t, yaml, "model: "+dir+"\ndata: {task: demo, max_length: 48, held_out: 0, demo: {train: 40, dev: 10}}\n")
			var set []string
			if test.vocab != nil {
				write(t, vocab, strings.Join(test.vocab, "\n"))
				set = append(set, "tokenizer.vocab="+vocab)
			}
			if test.set != "" {
				set = append(set, test.set)
			}
			e, err := configs.Load(yaml, set)
			if err != nil {
				t.Fatal(err)
			}
			var log strings.Builder
			r := &run{Options: Options{Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))}.prepare(e), exp: e, model: dir}
			task, err := loadTask(background, e, r.Options)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := (&source{r, task}).firstWeights(); err != nil {
				t.Fatal(err)
			}
			beyond := 0
			for _, example := range task.Train {
				if len(example.IDs) > test.length {
					beyond++
				}
			}
			want := strings.NewReplacer("$MODEL", dir, "$VOCAB", vocab, "$BEYOND", fmt.Sprint(beyond)).Replace(test.want)
			if got := strings.ReplaceAll(log.String(), `\"`, `"`); (got == "") != (want == "") || !strings.Contains(got, want) {
				t.Errorf("warned of %s, want %s", got, want)
			}
		})
	}
}
