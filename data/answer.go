package data

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// answer reads the cells of a row that say what is to be found: the names of its labels,
// or in their place the targets, a number for each column.
func (lay layout) answer(cells []string) (names []string, targets []float64, err error) {
	switch {
	case lay.listed():
		names, err = lay.list(strings.TrimSpace(cells[0]))
		return names, nil, err
	case lay.problem.Several():
		targets, err = lay.numbers(cells, truth)
		return nil, targets, err
	case lay.problem.Aimed():
		targets, err = lay.numbers(cells, score)
		return nil, targets, err
	}
	label := strings.TrimSpace(cells[0])
	if label == "" {
		return nil, nil, emptyLabel
	}
	return []string{label}, nil, nil
}

// numbers reads a number of each cell.
func (lay layout) numbers(cells []string, read func(string) (float64, error)) (numbers []float64, err error) {
	for i, cell := range cells {
		x, err := read(strings.TrimSpace(cell))
		if err != nil && len(cells) > 1 {
			err = malformed(fmt.Sprintf("%s in column %q", err, lay.answers()[i]))
		}
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, x)
	}
	return numbers, nil
}

// score reads a number that is to be predicted.
func score(cell string) (float64, error) {
	x, err := strconv.ParseFloat(cell, 64)
	switch {
	case cell == "":
		return 0, emptyLabel
	case err != nil || x-x != 0:
		return 0, malformed(fmt.Sprintf("has the score %q, want a number", cell))
	}
	return x, nil
}

// truth reads whether a text has the label of a column: 1 or 0, or true or false in any
// case.
func truth(cell string) (float64, error) {
	switch x, err := strconv.ParseFloat(cell, 64); {
	case err == nil && (x == 0 || x == 1):
		return x, nil
	case strings.EqualFold(cell, "true"):
		return 1, nil
	case strings.EqualFold(cell, "false"):
		return 0, nil
	}
	return 0, malformed(fmt.Sprintf("has %q, want 1 where the text has the label and 0 where not,", cell))
}

// list reads the labels of a cell: a JSON array, or texts with the layout's separator
// between them. An empty cell has none.
func (lay layout) list(cell string) (names []string, err error) {
	var array []json.RawMessage
	switch err := json.Unmarshal([]byte(cell), &array); {
	case cell == "":
		return nil, nil
	case err == nil:
		return labelsOf(array)
	case lay.several == "":
		return nil, malformed(fmt.Sprintf("has the labels %.60q, want a JSON array, or set data.label_separator to what is between them", cell))
	}
	for name := range strings.SplitSeq(cell, lay.several) {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// labelsOf are the labels of a JSON array, which may be numbers or truth values, too.
func labelsOf(array []json.RawMessage) (names []string, err error) {
	for _, raw := range array {
		name, ok := scalar(raw, true)
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, malformed(fmt.Sprintf("has a list of labels with %s, want texts", raw))
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}
