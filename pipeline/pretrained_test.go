package pipeline

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
)

// pretrained is a directory with a model of tiny's size but for what change does.
func pretrained(t *testing.T, change func(c *model.Config)) string {
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
	const demo = "data: {task: demo, max_length: 48}\n"
	pairs := "data: {task: table, text: [a, b], label: c, train: $DIR/pairs.csv, dev: $DIR/pairs.csv, max_length: 48}\n"
	for _, test := range []struct {
		name, yaml string
		change     func(c *model.Config)
		want       string
	}{
		{"vocabulary", demo, func(c *model.Config) { c.VocabSize = 100 },
			": the tokenizer has 132 pieces, but the model's vocab_size is 100; set tokenizer.vocab to the model's own"},
		{"positions", demo, func(c *model.Config) { c.MaxPositionEmbeddings = 20 },
			": data.max_length is 48, but the model has max_position_embeddings 20"},
		{"token types", pairs, func(c *model.Config) { c.TypeVocabSize = 1 },
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
