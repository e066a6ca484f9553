package main

import (
	"io"
	"strings"
	"text/tabwriter"
)

// show shows a result: with --json as JSON, else as the table that fill writes.
func (a *app) show(result any, flags uint, fill func(w io.Writer)) error {
	if a.json {
		return a.writeJSON(result)
	}
	return a.table(flags, fill)
}

// table writes tab-separated cells as columns to stdout, without trailing
// spaces. An empty line begins another table. The flags are tabwriter's.
func (a *app) table(flags uint, fill func(w io.Writer)) error {
	var text strings.Builder
	writer := tabwriter.NewWriter(&text, 0, 0, 2, ' ', flags)
	fill(writer)
	if err := writer.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if _, err := io.WriteString(a.stdout, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}
