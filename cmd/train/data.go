package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/inspect"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/pipeline"
)

// newData is `train data`: what the model will see of an experiment's data.
func newData(a *app) *cobra.Command {
	c := forExperiment(&cobra.Command{
		Use:   "data",
		Short: "Show label counts, lengths and examples of the data",
		Long: `Data reads the training and dev sets of an experiment as the stages do and shows
where they are from, how many examples each label or range of scores has, how long
inputs are in word-pieces, how much of them data.max_length cuts off, and some
examples with their pieces. Then it tells what should be looked at, with lines and a
remedy: dev rows that are in train or nearly so, duplicates, contradictions, blank
texts, labels that are rare, nearly all, or spelled in two ways, ids as texts, words
that give the label away, unknown pieces, files that are not UTF-8 or have another
delimiter. Stage 1 logs the same. --page writes all of it as one HTML file, too, which
opens offline in a browser.`,
		Example: `  train data demo
  train data my.yaml --page data.html
  train data my.yaml --set data.on_malformed=skip --samples 10`,
	})
	samples := c.Flags().Int("samples", 2, "examples to show of each set")
	strict := c.Flags().Bool("strict", false, "end with 1 where a look at the data finds something, as data.strict does")
	page := c.Flags().String("page", "", "HTML file to write, which shows what is found")
	c.RunE = func(_ *cobra.Command, args []string) error {
		e, err := c.load(args)
		if err != nil {
			return err
		}
		if err := pipeline.HasTask(e); err != nil {
			return err
		}
		e.Data.Strict = e.Data.Strict || *strict
		sets, err := data.Load(e.SourceWithTexts())
		if err != nil {
			return a.unreadable(e, *page, err)
		}
		tok, err := a.tokenizer(c.Context(), e)
		if err != nil {
			return err
		}
		pieces := sets.Encode(tok, e.Data.MaxLength, e.Window())
		s := looked{data.Summarise(e.Data.Task, e.Data.MaxLength, tok, sets, pieces, max(*samples, 0)),
			inspect.Look(e.Source(), sets, pieces, tok)}
		if err := c.Context().Err(); err != nil { // reading does not stop for Ctrl-C
			return err
		}
		shown := report.DataPage{Name: e.Name, Summary: &s.Summary, Findings: s.Findings}
		return cmp.Or(a.writeLooked(s), a.writePage(*page, &shown), strictly(e, s.Findings))
	}
	return c.Command
}

// A looked is the data and what a look at them found.
type looked struct {
	data.Summary
	Findings []inspect.Finding `json:"findings"`
}

// strictly is the error of findings where data.strict allows none.
func strictly(e *configs.Experiment, found []inspect.Finding) error {
	if !e.Data.Strict {
		return nil
	}
	return pipeline.Strict(found)
}

// unreadable is err of reading an experiment's data, after showing what is wrong with the
// files.
func (a *app) unreadable(e *configs.Experiment, page string, err error) error {
	err = e.ReadError(err)
	found, shown := inspect.Files(e.Source()), error(nil)
	switch {
	case a.json:
		shown = a.writeJSON(map[string]any{"findings": found})
	case len(found) > 0:
		shown = a.writeFindings(found)
	}
	return cmp.Or(shown, a.writePage(page, &report.DataPage{Name: e.Name, Refused: err.Error(), Findings: found}), err)
}

// writePage writes the page that a path asks for, "" none, and says where it is.
func (a *app) writePage(path string, page *report.DataPage) error {
	if path == "" {
		return nil
	}
	err := page.Save(path)
	if err == nil && !a.json {
		_, err = fmt.Fprintf(a.stdout, "\npage: %s (opens in any browser, offline)\n", path)
	}
	return err
}

// writeLooked shows a summary and the findings.
func (a *app) writeLooked(s looked) error {
	if a.json {
		return a.writeJSON(s)
	}
	return cmp.Or(a.writeData(s.Summary), a.writeFindings(s.Findings))
}

// writeFindings shows what was found, with examples and remedy.
func (a *app) writeFindings(found []inspect.Finding) error {
	var text strings.Builder
	for _, f := range found {
		fmt.Fprintf(&text, "\n%s, %s: %s\n", f.Set, f.Name, f.What)
		for _, p := range f.Examples {
			fmt.Fprintf(&text, "  %s\n", p)
		}
		fmt.Fprintf(&text, "  %s\n", f.Remedy)
	}
	_, err := a.stdout.Write([]byte(text.String()))
	return err
}

// writeData shows a summary as text.
func (a *app) writeData(s data.Summary) error {
	for _, set := range s.Sets {
		fmt.Fprintf(a.stdout, "%s: %s", set.Name, set.Path)
		if set.Labels == nil {
			fmt.Fprintf(a.stdout, ", %d texts", set.Examples)
		}
		fmt.Fprintln(a.stdout)
	}
	fmt.Fprintln(a.stdout)
	err := a.table(tabwriter.AlignRight, func(w io.Writer) {
		writeLabels(w, s)
		fmt.Fprintf(w, "\nlength\tmean\tmin\tp50\tp90\tp95\tp99\tmax\t\n")
		for _, set := range s.Sets {
			l := set.Lengths
			fmt.Fprintf(w, "%s\t%.1f\t%d\t%d\t%d\t%d\t%d\t%d\t\n", set.Name, l.Mean, l.Min, l.P50, l.P90, l.P95, l.P99, l.Max)
		}
		fmt.Fprintf(w, "\nmax_length %d\tinputs cut\t\tpieces cut\t\tpadding if padded\t\n", s.MaxLength)
		for _, set := range s.Sets {
			fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%s\t%s\t\n", set.Name, set.Cut.Inputs,
				percent(float64(set.Cut.Inputs)/float64(max(set.Inputs, 1))), set.Cut.Pieces, percent(set.Cut.Share), percent(set.Padding))
		}
	})
	for _, set := range s.Sets {
		err = cmp.Or(err, a.writeSet(set))
	}
	return err
}

// writeLabels shows how many examples of each set have each label.
func writeLabels(w io.Writer, s data.Summary) {
	sets := s.Labelled()
	fmt.Fprint(w, "label\t")
	for _, set := range sets {
		fmt.Fprintf(w, "%s\t\t", set.Name)
	}
	for i, l := range sets[0].Labels {
		fmt.Fprintf(w, "\n%s\t", l.Label)
		for _, set := range sets {
			fmt.Fprintf(w, "%d\t%s\t", set.Labels[i].Count, percent(set.Labels[i].Share))
		}
	}
	fmt.Fprint(w, "\nall\t")
	for _, set := range sets {
		fmt.Fprintf(w, "%d\t\t", set.Examples)
	}
	fmt.Fprintln(w)
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// writeSet shows what was skipped of a set, and its samples.
func (a *app) writeSet(set data.SetSummary) error {
	var text strings.Builder
	for i, bad := range set.Skipped {
		if i == 5 {
			fmt.Fprintf(&text, "  and %d more\n", len(set.Skipped)-i)
			break
		}
		if i == 0 {
			fmt.Fprintf(&text, "\n%s: malformed rows skipped: %d\n", set.Path, len(set.Skipped))
		}
		fmt.Fprintf(&text, "  %s\n", bad)
	}
	for _, s := range set.Samples {
		fmt.Fprintf(&text, "\n%s, label %s: %s\n", set.Name, s.Label, s.Text)
		if s.Pair != "" {
			fmt.Fprintf(&text, "  with: %s\n", s.Pair)
		}
		fmt.Fprintf(&text, "  %s\n", strings.Join(s.Pieces, " "))
	}
	_, err := a.stdout.Write([]byte(text.String()))
	return err
}
