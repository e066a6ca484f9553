package main

import (
	"bufio"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// newInit is `train init`: an experiment for a table.
func newInit(a *app) *cobra.Command {
	var out string
	var overwrite, yes bool
	var d configs.Draft
	c := &cobra.Command{
		Use:   "init FILE",
		Short: "Look at a table and write an experiment for it",
		Long: `Init reads a CSV, TSV, JSONL, JSON or Parquet file through, guesses which column is the
text and which the label, and writes a commented YAML file that says what it saw and can
be edited: the name of FILE with the suffix .yaml, in this folder. Labels that stand in
one cell, as a;b, a|b or a JSON array, make it one of texts with several labels.

At a terminal it asks for the columns and the model that no flag names, each with its
guess, which Enter takes; --yes takes all guesses, as does a pipe.`,
		Example: `  train init reviews.csv
  train init more.tsv.gz --text title --label topic --out topics.yaml`,
		Args: oneArgument("FILE", "a CSV, TSV, JSONL, JSON or Parquet file with a text column and a label column"),
	}
	flags := c.Flags()
	flags.StringSliceVar(&d.Text, "text", nil, "text column, or two for pairs (default: guessed)")
	flags.StringVar(&d.Label, "label", "", "label column (default: guessed)")
	flags.StringVar(&d.Model, "model", "", "pretrained model, a directory or a name at the hub (default: "+configs.DraftModel+")")
	flags.BoolVar(&yes, "yes", false, "ask nothing; a file that is there still needs --overwrite")
	flags.StringVar(&out, "out", "", "file to write (default: FILE's name with .yaml)")
	flags.BoolVar(&overwrite, "overwrite", false, "discard what is in --out")
	a.renamed(c, "force", "overwrite")
	c.RunE = func(c *cobra.Command, args []string) error {
		if out == "" {
			name, _, _ := strings.Cut(filepath.Base(args[0]), ".")
			out = name + ".yaml"
		}
		if !overwrite && atomicfile.Exists(out) {
			return usagef("init", "%s is there; name another file with --out, or discard it with --overwrite", out)
		}
		look, err := data.LookAt(args[0])
		if err != nil {
			return err
		}
		d.Look = look
		if !yes && asksAt(c.InOrStdin(), a.stderr) {
			if err := askDraft(&d, bufio.NewReader(c.InOrStdin()), a.stderr); err != nil {
				return err
			}
		}
		if err := settleColumns(&d); err != nil {
			return err
		}
		return a.writeDraft(&d, out)
	}
	return c
}

// guess takes what looks like the label and the text where they are not named.
func guess(d *configs.Draft) {
	if d.Label == "" {
		d.Label = d.Look.Label()
	}
	if len(d.Text) == 0 {
		d.Text = d.Look.Text(d.Label)
	}
}

// columnNames are those of the table.
func columnNames(look *data.Look) (names []string) {
	for _, c := range look.Columns {
		names = append(names, c.Name)
	}
	return names
}

// settleColumns guesses the columns that are not named, and refuses those that are not
// there.
func settleColumns(d *configs.Draft) error {
	names := columnNames(d.Look)
	guess(d)
	switch {
	case d.Label == "":
		return usagef("init", "no column of %s looks like a label; name it with --label, one of %s", d.Look.Path, strings.Join(names, ", "))
	case len(d.Text) == 0:
		return usagef("init", "no column of %s looks like text; name it with --text, one of %s", d.Look.Path, strings.Join(names, ", "))
	case len(d.Text) > 2:
		return usagef("init", "--text names %d columns, want one, or two for pairs", len(d.Text))
	}
	for _, name := range append(slices.Clone(d.Text), d.Label) {
		if !slices.Contains(names, name) {
			return usagef("init", "%s has no column %q, only %s", d.Look.Path, name, strings.Join(names, ", "))
		}
	}
	if c := d.Look.Column(d.Label); !c.Labels() && c.Lists() == nil {
		return usagef("init", "column %q of %s is none of labels: want one value or another in every row, and %d at most unless they are numbers", d.Label, d.Look.Path, len(c.Values))
	}
	return nil
}

// writeDraft writes the experiment, whole, and says what to look at.
func (a *app) writeDraft(d *configs.Draft, out string) error {
	if err := atomicfile.Write(out, d.YAML()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "%s: text %s, label %s, %d rows; next: train data %s\n", out, strings.Join(d.Text, " and "), d.Label, d.Look.Rows, out)
	return err
}
