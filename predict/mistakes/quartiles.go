package mistakes

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/powerbert/powerbert/metric"
)

// quartiles groups examples by a number of each, at its quartiles: four groups, or fewer where
// values are so frequent that quartiles are equal. What has no number (NaN) is a group of its
// own, the last. Some number there must be.
func quartiles(numbers []float64) (groups []group) {
	sorted, none := numbered(numbers), group{name: "(empty)"}
	var tops []float64
	for _, percent := range []int{25, 50, 75, 100} {
		tops = append(tops, metric.Percentile(sorted, percent))
	}
	tops = slices.Compact(tops)
	for k, top := range tops {
		from := sorted[0]
		if k > 0 {
			after, _ := slices.BinarySearch(sorted, math.Nextafter(tops[k-1], math.Inf(1)))
			from = sorted[after]
		}
		groups = append(groups, group{name: between(from, top)})
	}
	for i, x := range numbers {
		if math.IsNaN(x) {
			none.examples = append(none.examples, i)
			continue
		}
		k, _ := slices.BinarySearch(tops, x)
		groups[k].examples = append(groups[k].examples, i)
	}
	if none.examples != nil {
		groups = append(groups, none)
	}
	return groups
}

// numbered are the numbers that are some, sorted.
func numbered(numbers []float64) []float64 {
	sorted := slices.DeleteFunc(slices.Clone(numbers), math.IsNaN)
	slices.Sort(sorted)
	return sorted
}

// between names the least and the largest number of a group.
func between(from, to float64) string {
	short := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	if from == to {
		return short(from)
	}
	return fmt.Sprintf("%s–%s", short(from), short(to))
}

// parsed reads texts as numbers, an empty one as NaN; ok tells whether all others are finite
// numbers.
func parsed(texts []string) (numbers []float64, ok bool) {
	numbers = make([]float64, len(texts))
	for i, text := range texts {
		x, err := strconv.ParseFloat(text, 64)
		switch {
		case text == "":
			x = math.NaN()
		case err != nil || x-x != 0:
			return nil, false
		}
		numbers[i] = x
	}
	return numbers, true
}
