package configs

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// lines are what there is to know besides the meaning, each with its name.
func (k Key) lines() [][2]string {
	list := [][2]string{{"type", k.Type}, {"default", k.Default}}
	if k.Range != "" {
		list = append(list, [2]string{"range", k.Range})
	}
	for _, word := range slices.Sorted(maps.Keys(k.Presets)) {
		list = append(list, [2]string{"compat: " + word, k.Presets[word]})
	}
	if k.Source != "" {
		list = append(list, [2]string{"published", k.Source})
	}
	if k.Change != "" {
		list = append(list, [2]string{"change", k.Change})
	}
	return list
}

// Write writes what there is to know of a key for a terminal.
func (k Key) Write(w io.Writer) error {
	text := &strings.Builder{}
	fmt.Fprintf(text, "%s\n  %s\n", k.Path, k.Meaning)
	for _, l := range k.lines() {
		fmt.Fprintf(text, "  %-14s %s\n", l[0], l[1])
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// sections say what the sections of an experiment are, in the schema's order; "" is what
// stands in none.
var sections = [][2]string{
	{"", "What stands in no section."},
	{"encoder", "The shape of random weights, and dropout. With `model` its config.json has the sizes, and they may not be given."},
	{"tokenizer", "The vocabulary."},
	{"data", "The task and its files."},
	{StagePretrain, "Before the stages: an encoder from text without labels."},
	{StageFinetune, "Stage 1: the weights."},
	{StageSearch, "Stage 2: the weights and r, which says how many word-vectors each encoder needs."},
	{StageRetrain, "Stage 3: the weights again, with the other word-vectors removed."},
	{SectionStudents, "Models of fewer encoders that learn from stage 1's, the paper's baselines."},
	{"card", "What the README.md of the models says at its top, for the hub; it is written as a stage ends."},
}

// Docs are the files that say what the keys of an experiment are, by name.
func Docs() map[string][]byte {
	return map[string][]byte{"configuration.md": markdown(), "powerbert.schema.json": jsonSchema()}
}

// markdown is what there is to know of all keys, as a page.
func markdown() []byte {
	text := &strings.Builder{}
	text.WriteString("# Configuration\n\nEvery key of an experiment's YAML. `train config --explain KEY` says the same, `train config CONFIG` what a key comes to, and editors complete by [powerbert.schema.json](powerbert.schema.json). `train config --write-docs DIR` writes both files; edit `configs/keys*.go` instead of them.\n")
	keys := allKeys()
	for _, s := range sections {
		title := s[0]
		if title == "" {
			title = "experiment"
		}
		fmt.Fprintf(text, "\n## %s\n\n%s\n\n", title, s[1])
		for _, k := range keys {
			if section, _, nested := strings.Cut(k.Path, "."); nested && section == s[0] || !nested && s[0] == "" {
				k.item(text)
			}
		}
	}
	return []byte(text.String())
}

// item writes the key as an item of a list.
func (k Key) item(text *strings.Builder) {
	fmt.Fprintf(text, "- **`%s`**: %s", k.Path, k.Meaning)
	for _, l := range k.lines() {
		switch l[0] {
		case "type":
			fmt.Fprintf(text, " *%s", strings.ToUpper(l[1][:1])+l[1][1:])
		case "default":
			fmt.Fprintf(text, ", by default `%s`", l[1])
		case "range":
			fmt.Fprintf(text, ": %s", l[1])
		case "published", "change":
		default:
			fmt.Fprintf(text, "; `%s` with `%s`", l[1], l[0])
		}
	}
	text.WriteString(".*")
	if k.Source != "" {
		fmt.Fprintf(text, " Published: %s.", strings.TrimSuffix(k.Source, "."))
	}
	if k.Change != "" {
		fmt.Fprintf(text, " When to change it: %s", k.Change)
	}
	text.WriteString("\n")
}
