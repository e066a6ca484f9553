package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The experiment and the commands that README has for one's own data, and those for what came
// of it but the server, run as they stand there: on a few rows, with a tiny encoder in place of
// the model, and short.
func TestReadmeRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	for _, heading := range []string{"Your own data", "Use"} {
		_, section, _ := strings.Cut(string(readme), "\n## "+heading+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		shown := regexp.MustCompile(`(?m)^    train (.+?)(?: +#.*)?$`).FindAllStringSubmatch(section, -1)
		if len(shown) < 4 {
			t.Errorf("%s: %d commands: are they still found?", heading, len(shown))
		}
		for _, m := range shown {
			if !strings.HasPrefix(m[1], "serve ") {
				fmt.Fprintf(&script, "exits 0 %s\n", m[1])
			}
		}
	}
	_, experiment, _ := strings.Cut(string(readme), "```yaml\n")
	experiment, _, _ = strings.Cut(experiment, "```")
	experiment = regexp.MustCompile(`(?m)^model:.*$`).ReplaceAllString(experiment, "encoder: {layers: 2, hidden: 8, heads: 2, intermediate: 16}\ntokenizer: {vocab: vocab.txt}")
	const short = "finetune: {min_steps: 120, epochs: 1, batch_size: 16, lr: 1e-2}\n" +
		"search: {min_steps: 4, epochs: 1, batch_size: 16, lr: 1e-3, target: 0.5}\n" +
		"retrain: {min_steps: 30, epochs: 1, batch_size: 16, lr: 1e-2}\n"
	reviews, vocabulary := "review,stars\n", "[PAD] [UNK] [CLS] [SEP] [MASK] the was dull superb"
	for i, noun := range strings.Fields(strings.Repeat("film plot cast score story scene ", 12)) {
		reviews += fmt.Sprintf("the %s was %s %d,%d\n", noun, []string{"dull", "superb"}[i%2], i, 1+4*(i%2))
		vocabulary += " " + noun
	}
	script.WriteString("-- mine.yaml --\n" + experiment + short + "-- reviews.csv --\n" + reviews + "-- more.csv --\nreview\nthe film was dull\n" +
		"-- vocab.txt --\n" + strings.Join(strings.Fields(vocabulary)[:9+6], "\n") + "\n")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "readme.txtar"), []byte(script.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits}})
}
