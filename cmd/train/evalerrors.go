package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/predict/mistakes"
)

// errorFlags say which wrong answers are shown, and where they are written.
type errorFlags struct {
	shown int
	out   string
}

// check refuses flags that make no sense.
func (f *errorFlags) check() error {
	switch suffix := filepath.Ext(f.out); {
	case f.shown < 0:
		return usagef("eval", "--errors is %d, want 0 or more", f.shown)
	case f.out != "" && suffix != ".csv" && suffix != ".jsonl":
		return usagef("eval", "--errors-out %s tells no format by its suffix; want .csv or .jsonl", f.out)
	}
	return nil
}

// find fills in the wrong answers that are shown, and writes all of them to the file.
func (f *errorFlags) find(e *pipeline.Evaluation) error {
	if f.out != "" {
		e.Worst(-1)
		list := e.Errors
		if e.Other != nil {
			list = append(list[:len(list):len(list)], e.Other.Errors...)
		}
		if err := writeErrorFile(f.out, list); err != nil {
			return err
		}
	}
	e.Worst(f.shown)
	return nil
}

// writeErrorFile writes wrong answers as JSON lines or CSV, by the suffix.
func writeErrorFile(path string, list []mistakes.Error) error {
	return atomicfile.WriteWith(path, func(w io.Writer) error {
		if filepath.Ext(path) == ".csv" {
			return writeErrorCSV(w, list)
		}
		lines := json.NewEncoder(w)
		lines.SetEscapeHTML(false)
		for i := range list {
			if err := lines.Encode(&list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeErrorCSV writes wrong answers as CSV. Several texts of a cell have a bar between them;
// what a kind of problem does not have is empty.
func writeErrorCSV(w io.Writer, list []mistakes.Error) error {
	rows := csv.NewWriter(w)
	all := [][]string{{"file", "line", "example", "gold", "said", "label", "missed", "probability", "residual", "loss", "text", "pair", "options", "contradicts"}}
	for i := range list {
		e := &list[i]
		line, missed := "", ""
		if e.Line > 0 {
			line = fmt.Sprint(e.Line)
		}
		if e.Label != "" {
			missed = fmt.Sprint(e.Missed)
		}
		all = append(all, []string{e.File, line, fmt.Sprint(e.Example), e.Gold, e.Said, e.Label, missed, optional(e.Probability), optional(e.Residual),
			fmt.Sprint(e.Loss), e.Text, e.Pair, strings.Join(e.Options, " | "), strings.Join(e.Contradicts, " | ")})
	}
	return rows.WriteAll(all)
}

// optional writes a number, "" where there is none.
func optional(x *float64) string {
	if x == nil {
		return ""
	}
	return fmt.Sprint(*x)
}
