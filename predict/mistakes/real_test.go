package mistakes

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/problem"
)

// On CoLA's dev set (1,043 sentences, of which grep finds three pairs with both labels) a
// model that is always wrong is contradicted by either row of each pair; its sources, and its
// lengths, part all of it.
func TestRealData(t *testing.T) {
	root := os.Getenv("POWERBERT_DATA")
	if root == "" {
		t.Skip("POWERBERT_DATA is not set: no real data")
	}
	tok, err := tokenizer.LoadAs(filepath.Join(root, "tokenizers", "bert-base-uncased", "vocab.txt"), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	src := data.Source{Task: data.TaskCoLA, Dir: filepath.Join(root, "data", "glue", "CoLA"), Keep: []string{"source"}}
	dev, err := data.LoadDev(src, []string{"0", "1"})
	if err != nil {
		t.Fatal(err)
	}
	out := &problem.Outputs{Kind: problem.Classification, Labels: dev.Labels}
	for _, e := range dev.Examples {
		logits := []float32{0, 0}
		logits[1-e.Label] = 1
		out.Logits, out.Gold = append(out.Logits, logits), append(out.Gold, e.Label)
	}
	contradicted := 0
	for _, e := range Worst(dev, out, -1) {
		if len(e.Contradicts) > 0 {
			contradicted++
			t.Log(e.Place(), e.Gold, e.Contradicts, e.Text)
		}
	}
	parts, err := By([]string{ByLength, "source"}, dev, src.Keep, data.Encode(dev, tok, 0), out, "matthews")
	if err != nil {
		t.Fatal(err)
	}
	for _, by := range parts {
		all := 0
		for _, s := range by.Slices {
			all += s.Examples
			if s.Value != nil && *s.Value > -0.99 {
				t.Errorf("%s %s: %v, want −1", by.By, s.Name, *s.Value)
			}
		}
		if all != 1043 || len(by.Slices) < 4 {
			t.Errorf("%d slices by %s of %d examples, want all 1043", len(by.Slices), by.By, all)
		}
	}
	if contradicted != 6 {
		t.Errorf("%d rows are contradicted, want 6", contradicted)
	}
}
