package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
)

// A rowShape says what is written of a prediction.
type rowShape struct {
	keep      []string // what the columns are called that come along
	raw       bool     // they are JSON
	line      bool     // say which line of the file a row is of, since some are left out
	file      bool     // and of which file, since there are several
	top       int      // labels with their probabilities, the likeliest first; 0: all, in their order
	abstain   float64  // least probability of the one label that is said
	threshold float64  // least probability of each label that is said, where several may be
	several   bool     // a text may have several labels, or none
	trace     bool     // how long words live
	explain   bool     // what words are to the prediction
}

// check refuses a kept name that a model with these labels has for something else.
func (s *rowShape) check(labels []string, format string) error {
	said := []string{"line", "label", "labels", "probability", "probabilities", "score", "scores", abstains, belowThreshold, "trace", "explain"}
	for _, label := range labels {
		said = append(said, "probability_"+label, "score_"+label)
	}
	for i := range labels {
		said = append(said, fmt.Sprint("label_", i+1), fmt.Sprint("probability_", i+1))
	}
	if s.file {
		said = append(said, "file")
	}
	for _, name := range s.keep {
		if slices.Contains(said, name) {
			return usagef("predict", "--keep %s has the name of a %s of the prediction; give it another: --keep COLUMN=NAME",
				name, map[string]string{data.CSV: "column", data.Parquet: "column", data.JSONL: "key"}[format])
		}
	}
	return nil
}

// origin is where the row comes from, and the columns that come along.
func (s *rowShape) origin(from origin) (row fields) {
	if s.file {
		row = fields{{"file", from.file}}
	}
	if s.line {
		row = append(row, field{"line", from.line})
	}
	for i, name := range s.keep {
		if s.raw {
			row = append(row, field{name, json.RawMessage(from.kept[i])})
		} else {
			row = append(row, field{name, from.kept[i]})
		}
	}
	return row
}

// below tells whether the label is less probable than is wanted.
func (s *rowShape) below(p infer.Prediction) bool {
	return p.Probabilities != nil && p.Probability() < max(s.abstain, s.threshold)
}

// What an output calls a label that is less probable than is wanted.
const (
	abstains       = "abstains"
	belowThreshold = "below_threshold"
)

// belowName is the one of them that this output has.
func (s *rowShape) belowName() string {
	if s.several {
		return belowThreshold
	}
	return abstains
}

// label is the label that is said; "": none is probable enough.
func (s *rowShape) label(p infer.Prediction) string {
	if s.below(p) {
		return ""
	}
	return p.Label
}

// labels are those that reach their thresholds, or --threshold, where each is by itself; nil
// where a text has one.
func (s *rowShape) labels(p infer.Prediction) []string {
	if !s.several || len(p.Names) < 2 {
		return nil
	}
	likely := append([]string{}, p.Labels...)
	if s.threshold > 0 {
		likely = likely[:0]
		for i, name := range p.Names {
			if p.Probabilities[i] >= s.threshold {
				likely = append(likely, name)
			}
		}
	}
	return likely
}

// ranked is the labels with their probabilities: all, or the likeliest first.
func (s *rowShape) ranked(p infer.Prediction) byLabel {
	if s.top == 0 {
		return byLabel{p.Names, p.Probabilities}
	}
	order := make([]int, len(p.Names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.Probabilities[b], p.Probabilities[a]) })
	var top byLabel
	for _, i := range order[:min(s.top, len(order))] {
		top.labels, top.values = append(top.labels, p.Names[i]), append(top.values, p.Probabilities[i])
	}
	return top
}

// json is the row of a JSONL file.
func (s *rowShape) json(from origin, t infer.Trace) fields {
	row, p := s.origin(from), t.Prediction
	switch {
	case p.Scores != nil:
		row = append(row, field{"scores", byLabel{p.Names, p.Scores}})
	case p.Probabilities == nil:
		row = append(row, field{"score", p.Score})
	default:
		row = append(row, field{"label", s.label(p)})
		if labels := s.labels(p); labels != nil {
			row = append(row, field{"labels", labels})
		}
		if s.below(p) {
			row = append(row, field{s.belowName(), true})
		}
		row = append(row, field{"probabilities", s.ranked(p)})
	}
	if s.trace {
		words, survives := t.Words()
		row = append(row, field{"trace", wordsOfText{words, survives}})
	}
	if s.explain {
		row = append(row, field{"explain", explained(t)})
	}
	return row
}

// csv is the row of a CSV file; all rows have the same names.
func (s *rowShape) csv(from origin, t infer.Trace) fields {
	row, p := s.origin(from), t.Prediction
	switch {
	case p.Scores != nil:
		for i, name := range p.Names {
			row = append(row, field{"score_" + name, p.Scores[i]})
		}
		return row
	case p.Probabilities == nil:
		return append(row, field{"score", p.Score})
	}
	row = append(row, field{"label", s.label(p)})
	if labels := s.labels(p); labels != nil {
		row = append(row, field{"labels", strings.Join(labels, "|")})
	}
	row = append(row, field{"probability", p.Probability()})
	if max(s.abstain, s.threshold) > 0 {
		row = append(row, field{s.belowName(), s.below(p)})
	}
	return append(row, s.columns(p)...)
}

// columns are the probabilities, a column per label, or two per rank.
func (s *rowShape) columns(p infer.Prediction) (row fields) {
	said := s.ranked(p)
	for i, name := range said.labels {
		if s.top > 0 {
			row = append(row, field{fmt.Sprint("label_", i+1), name}, field{fmt.Sprint("probability_", i+1), said.values[i]})
		} else {
			row = append(row, field{"probability_" + name, said.values[i]})
		}
	}
	return row
}

// wordsOfText is how long each word of a text lives.
type wordsOfText struct {
	Words    []string `json:"words"`    // with [CLS] and [SEP]
	Survives []int    `json:"survives"` // encoders that each lives through
}

// explained is what each word is to the prediction.
func explained(t infer.Trace) []fields {
	words := []fields{}
	paired := slices.ContainsFunc(t.Explained, func(w infer.Explained) bool { return w.Part > 0 })
	for _, w := range t.Explained {
		word := fields{{"word", w.Text}, {"start", w.Start}, {"end", w.End}, {"survives", w.Survives}}
		if paired {
			word = append(fields{{"part", w.Part + 1}}, word...)
		}
		if t.Prediction.Scores != nil {
			word = append(word, field{"fall", byLabel{t.Prediction.Names, w.Falls}})
		} else {
			word = append(word, field{"fall", w.Falls[0]})
		}
		words = append(words, word)
	}
	return words
}
