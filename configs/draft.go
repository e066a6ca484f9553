package configs

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// A Draft is an experiment on a table of which nothing was said.
type Draft struct {
	Look  *data.Look
	Text  []string // columns
	Label string   // column
	Model string   // directory, or name at the hub; "": DraftModel
}

// DraftModel is the model of a draft that names none.
const DraftModel = "google-bert/bert-base-uncased"

// largeShare is the part of the rows above which the most frequent label makes accuracy
// say little.
const largeShare = 0.6

// piecesPerWord is about how many word-pieces a word has in a language that the
// vocabulary was made for.
const piecesPerWord = 1.3

// YAML is the experiment with comments that say what was seen, to be edited.
func (d *Draft) YAML() []byte {
	text := &strings.Builder{}
	d.head(text)
	length, why := d.maxLength()
	fmt.Fprintf(text, "\nmodel: %s # at the Hugging Face hub, or a directory; the language of the texts decides\n", scalar(d.model()))
	fmt.Fprintf(text, "data:\n  task: table\n  train: %s\n", scalar(escape(d.Look.Path)))
	if !d.Look.Told {
		fmt.Fprintf(text, "  format: %s # the suffix says something else, or nothing\n", d.Look.Format)
	}
	if d.Look.Comma != "" {
		fmt.Fprintf(text, "  delimiter: %q\n", d.Look.Comma)
	}
	fmt.Fprintf(text, "  text: [%s]\n  label: %s\n", strings.Join(scalars(d.Text), ", "), scalar(d.Label))
	d.lists(text)
	text.WriteString("  # unlabelled: more.csv # texts without labels, if there are any: a faster model that learns from them loses less\n")
	fmt.Fprintf(text, "  max_length: %d # %s; `train data` counts in word-pieces\n", length, why)
	if metric, why := d.metric(); metric != "" {
		fmt.Fprintf(text, "  metric: %s # %s\n", metric, why)
	}
	if n := len(d.Look.Skipped); n > 0 {
		fmt.Fprintf(text, "  on_malformed: skip # %d rows are, the first of them %s\n", n, d.Look.Skipped[0])
	}
	if d.unequal() {
		text.WriteString("# finetune: {class_weights: balanced} # lets rare labels count as much as frequent ones, in all stages\n")
	}
	text.WriteString("# search: {max_drop: 1} # points of the metric that may be lost for speed, the default; target: 0.5 asks for a price\n")
	return []byte(text.String())
}

// model is the model as a path of an experiment, in which $VAR stands for a variable, but for
// a directory that is called so.
func (d *Draft) model() string {
	if atomicfile.Exists(d.Model) {
		return escape(d.Model)
	}
	return cmp.Or(d.Model, DraftModel)
}

// lists says how labels are read where a text may have several.
func (d *Draft) lists(text *strings.Builder) {
	switch l := d.Look.Column(d.Label).Lists(); {
	case l == nil:
	case l.Separator == "":
		text.WriteString("  multi_label: true # a text has a list of labels, which may be empty\n")
	default:
		fmt.Fprintf(text, "  label_separator: %q # a text may have several labels; remove it if the sign is part of one label\n", l.Separator)
	}
}

// labels counts the rows of each label of a column, of which a row may have several.
func labels(c *data.Column) map[string]int {
	if l := c.Lists(); l != nil {
		return l.Rows
	}
	return c.Values
}

// unequal tells whether the most frequent label is several times as frequent as the
// rarest.
func (d *Draft) unequal() bool {
	c := d.Look.Column(d.Label)
	rows, names := labels(c), frequent(c)
	return !c.Scores() && rows[names[0]] >= 3*rows[names[len(names)-1]]
}

// head says what was seen.
func (d *Draft) head(text *strings.Builder) {
	kind := map[string]string{data.CSV: "separated by " + cmp.Or(d.Look.Comma, "commas"), data.TSV: "separated by tabs", data.JSONL: "a JSON object each", data.JSON: "a JSON object each", data.Parquet: "of a Parquet file"}[d.Look.Format]
	fmt.Fprintf(text, "# %d rows, %s, with the columns\n#\n", d.Look.Rows, kind)
	for i := range d.Look.Columns {
		fmt.Fprintf(text, "#   %s\n", comment(d.column(&d.Look.Columns[i])))
	}
	text.WriteString("#\n# Look:      train data FILE, train config FILE; train config --explain KEY\n# Foretell:  train estimate FILE\n# Launch:    train run FILE\n")
}

// column says what was seen of a column, and what it is taken for.
func (d *Draft) column(c *data.Column) string {
	switch {
	case c.Name == d.Label && c.Scores():
		return fmt.Sprintf("%s: the scores, %s", c.Name, count(c))
	case c.Name == d.Label && c.Lists() != nil:
		return fmt.Sprintf("%s: lists of the labels, %d of them: %s", c.Name, len(labels(c)), d.classes(c))
	case c.Name == d.Label:
		return fmt.Sprintf("%s: the label, %s: %s", c.Name, count(c), d.classes(c))
	case slices.Contains(d.Text, c.Name):
		return fmt.Sprintf("%s: text, %.0f words in the mean, 95 %% have %d at most", c.Name, c.Words(), c.WordsOf(95))
	}
	return fmt.Sprintf("%s: not used, %s, %.1f words in the mean", c.Name, count(c), c.Words())
}

// count says how many values a column has.
func count(c *data.Column) string {
	if c.Many {
		return fmt.Sprintf("more than %d values", len(c.Values))
	}
	return fmt.Sprintf("%d values", len(c.Values))
}

// mostShown is how many labels the head of a draft shows.
const mostShown = 10

// classes lists labels with their share of the rows, the most frequent first.
func (d *Draft) classes(c *data.Column) string {
	var list []string
	rows, names := labels(c), frequent(c)
	for _, name := range names[:min(len(names), mostShown)] {
		share := fmt.Sprintf(" (%.1f %%)", 100*float64(rows[name])/float64(d.Look.Rows))
		if c.Many { // not all rows are counted
			share = ""
		}
		list = append(list, name+share)
	}
	if more := len(names) - len(list); more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, ", ")
}

// frequent is the labels of a column, the most frequent first.
func frequent(c *data.Column) []string {
	rows := labels(c)
	return slices.SortedFunc(maps.Keys(rows), func(a, b string) int {
		return cmp.Or(cmp.Compare(rows[b], rows[a]), cmp.Compare(a, b))
	})
}

// metric is that of scores, or of labels that are unequally frequent, and why; else "".
func (d *Draft) metric() (metric, why string) {
	c := d.Look.Column(d.Label)
	switch {
	case c.Scores():
		return "spearman", "which makes the labels scores; remove it if they are not"
	case c.Lists() != nil:
		return "", ""
	}
	top := frequent(c)[0]
	if share := float64(c.Values[top]) / float64(d.Look.Rows); share > largeShare {
		return "macro_f1", fmt.Sprintf("accuracy is content with %s, which %.0f %% of the rows have", comment(top), 100*share)
	}
	return "", ""
}

// maxLength is a length that nearly all texts fit into, and why.
func (d *Draft) maxLength() (length int, why string) {
	most := 0
	for _, name := range d.Text {
		most += d.Look.Column(name).WordsOf(95)
	}
	pieces := int(math.Ceil(piecesPerWord*float64(most))) + 1 + len(d.Text)
	why = fmt.Sprintf("95 %% of the texts have about %d word-pieces or fewer", pieces)
	for length = 32; length < pieces && length < 512; length *= 2 {
	}
	if pieces > length {
		why = fmt.Sprintf("as many as a BERT takes: 5 %% of the texts have more than about %d word-pieces", pieces)
	}
	return length, why
}

// scalar is a text as YAML has it.
func scalar(text string) string {
	node := &yaml.Node{}
	_ = node.Encode(text)
	node.Style |= map[bool]yaml.Style{true: yaml.DoubleQuotedStyle}[strings.ContainsAny(text, ",[]{}\n")]
	line, _ := yaml.Marshal(node)
	return strings.TrimSpace(string(line))
}

func scalars(texts []string) []string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = scalar(text)
	}
	return list
}

// comment is a text on one line.
func comment(text string) string { return strings.Join(strings.Fields(text), " ") }
