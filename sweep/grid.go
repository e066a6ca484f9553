package sweep

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Axis is a key of an experiment and the values it takes, as --set takes them.
type Axis struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

// A Point is one combination of the values: a run.
type Point struct {
	Index int      `json:"index"` // its number, from 0
	Dir   string   `json:"dir"`   // its run directory, in that of the sweep
	Set   []string `json:"set"`   // key=value of each axis
}

// Label is the point's settings in a line.
func (p Point) Label() string { return strings.Join(p.Set, " ") }

// parseAxis reads KEY=VALUE,VALUE…. Commas within brackets are a value's own, as
// in retrain.retention=[8,4],[6,2].
func parseAxis(text string) (Axis, error) {
	key, list, ok := strings.Cut(text, "=")
	if !ok || key == "" {
		return Axis{}, fmt.Errorf("got %q, want KEY=VALUE,VALUE…, as seed=1,2,3", text)
	}
	a := Axis{key, splitValues(list)}
	if slices.Contains(a.Values, "") {
		return a, fmt.Errorf("%s has an empty value in %q, want KEY=VALUE,VALUE…", key, text)
	}
	return a, nil
}

// splitValues cuts a list at the commas outside of brackets.
func splitValues(list string) []string {
	var values []string
	from, depth := 0, 0
	for i, c := range list {
		switch c {
		case '[':
			depth++
		case ']':
			depth--
		case ',':
			if depth == 0 {
				values, from = append(values, list[from:i]), i+1
			}
		}
	}
	return append(values, list[from:])
}

// ParseGrid reads axes, each of another key.
func ParseGrid(texts []string) ([]Axis, error) {
	var grid []Axis
	for _, text := range texts {
		a, err := parseAxis(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(grid, func(b Axis) bool { return b.Key == a.Key }) {
			return nil, fmt.Errorf("%s is given twice, want its values in one list", a.Key)
		}
		grid = append(grid, a)
	}
	if len(grid) == 0 {
		return nil, errors.New("no grid, want KEY=VALUE,VALUE…, as seed=1,2,3")
	}
	return grid, nil
}

// product lists the combinations of the axes' values; the last axis turns fastest.
func product(grid []Axis) []Point {
	sets := [][]string{nil}
	for _, a := range grid {
		var longer [][]string
		for _, set := range sets {
			for _, v := range a.Values {
				longer = append(longer, append(slices.Clone(set), a.Key+"="+v))
			}
		}
		sets = longer
	}
	points := make([]Point, len(sets))
	for i, set := range sets {
		points[i] = Point{Index: i, Dir: fmt.Sprintf("%03d", i), Set: set}
	}
	return points
}
