package mistakes

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/problem"
)

// reviews are four examples of two labels of which the last three are answered wrongly, the
// third most surely; the second is there twice in train, once with another label.
func reviews() (set *data.Set, out *problem.Outputs, train *data.Set) {
	labels := []string{"bad", "good"}
	set = &data.Set{Path: "dev.csv", Problem: problem.Classification, Labels: labels, Examples: []data.Example{
		{Text: "one", Label: 0, Line: 2}, {Text: "two", Label: 1, Line: 3}, {Text: "three", Label: 0, Line: 5}, {Text: "four", Label: 1, File: "more.csv", Line: 9}}}
	train = &data.Set{Path: "train.csv", Problem: problem.Classification, Labels: labels, Examples: []data.Example{
		{Text: "two", Label: 1, Line: 2}, {Text: "two", Label: 0, Line: 7}, {Text: "TWO", Label: 0, Line: 8}, {Text: "one", Label: 1, Line: 9}}}
	out = &problem.Outputs{Kind: problem.Classification, Labels: labels, Gold: []int{0, 1, 0, 1}, Logits: [][]float32{{1, 0}, {1, 0}, {0, 3}, {2, 0}}}
	return set, out, train
}

func TestWorst(t *testing.T) {
	set, out, train := reviews()
	var got []string
	for _, e := range Worst(set, out, -1, train) {
		got = append(got, fmt.Sprintf("%s %s→%s %.3f %.3f %s %v", e.Place(), e.Gold, e.Said, *e.Probability, e.Loss, e.Text, e.Contradicts))
	}
	want := []string{"dev.csv:5 bad→good 0.953 3.049 three []", "more.csv:9 good→bad 0.881 2.127 four []", "dev.csv:3 good→bad 0.731 1.313 two [train.csv:7 has bad]"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("errors %q, want %q", got, want)
	}
	if got := Worst(set, out, 1); len(got) != 1 || got[0].Example != 3 {
		t.Errorf("the worst is %+v, want example 3", got)
	}
	if got := Worst(set, out, 0); got == nil || len(got) != 0 {
		t.Errorf("none asked for: %+v", got)
	}
	set.Examples[2].Line = 0
	if got := Worst(set, out, 1)[0].Place(); got != "dev.csv, example 3" {
		t.Errorf("the place is %s", got)
	}
}

// Labels by themselves say which one is wrong, and that none is true or said.
func TestWorstOfSeveralLabels(t *testing.T) {
	set := &data.Set{Path: "dev.csv", Problem: problem.MultiLabel, Labels: []string{"a", "b"}, Examples: []data.Example{
		{Text: "x", Targets: []float64{1, 0}, Line: 2}, {Text: "x", Targets: []float64{0, 0}, Line: 3}, {Text: "y", Targets: []float64{0, 1}, Line: 4}}}
	out := &problem.Outputs{Kind: problem.MultiLabel, Targets: [][]float64{{1, 0}, {0, 0}, {0, 1}}, Logits: [][]float32{{2, 1}, {-1, 3}, {-1, -2}}}
	got := Worst(set, out, -1)
	if len(got) != 3 || got[0].Label != "b" || got[0].Missed || got[0].Gold != "" || got[0].Said != "b" || math.Abs(*got[0].Probability-0.9526) > 1e-4 {
		t.Fatalf("errors %+v", got)
	}
	if !reflect.DeepEqual(got[0].Contradicts, []string{"dev.csv:2 has a"}) || !reflect.DeepEqual(got[2].Contradicts, []string{"dev.csv:3 has none"}) {
		t.Errorf("contradictions %v and %v", got[0].Contradicts, got[2].Contradicts)
	}
	if e := got[1]; e.Example != 3 || e.Label != "b" || !e.Missed || e.Said != "" {
		t.Errorf("%+v, want b to be missed of example 3", e)
	}
}

// Scores have residuals: signed of one, a root mean square of several.
func TestWorstOfScores(t *testing.T) {
	set := &data.Set{Path: "dev.tsv", Problem: problem.Regression, Labels: []string{"score"}, Examples: []data.Example{
		{Text: "x", Pair: "z", Targets: []float64{4}, Line: 2}, {Text: "y", Targets: []float64{1}, Line: 3}}}
	out := &problem.Outputs{Kind: problem.Regression, Targets: [][]float64{{4}, {1}}, Logits: [][]float32{{1.5}, {2}}}
	got := Worst(set, out, -1)
	if len(got) != 2 || *got[0].Residual != -2.5 || got[0].Probability != nil || got[0].Gold != "4.00" || got[0].Said != "1.50" || got[0].Pair != "z" || *got[1].Residual != 1 {
		t.Errorf("errors %+v", got)
	}
	two := &problem.Outputs{Kind: problem.Regression, Targets: [][]float64{{0, 0}}, Logits: [][]float32{{-3, 4}}}
	set.Labels, set.Examples = []string{"a", "b"}, []data.Example{{Targets: []float64{0, 0}}}
	if got := *Worst(set, two, 1)[0].Residual; math.Abs(got-math.Sqrt(12.5)) > 1e-12 {
		t.Errorf("residual %v of 3 and 4, want the root of 12.5", got)
	}
}

// Questions with options are the same where all their texts are.
func TestWorstOfChoices(t *testing.T) {
	set := &data.Set{Path: "race", Problem: problem.MultipleChoice, Labels: []string{"A", "B"}, Examples: []data.Example{
		{Text: "p", Options: []string{"x", "y"}, Label: 0}, {Text: "p", Options: []string{"x", "z"}, Label: 1}}}
	out := &problem.Outputs{Kind: problem.MultipleChoice, Gold: []int{0, 1}, Logits: [][]float32{{0, 1}, {0, 1}}}
	got := Worst(set, out, -1)
	if len(got) != 1 || got[0].Said != "B" || got[0].Gold != "A" || len(got[0].Options) != 2 || got[0].Contradicts != nil {
		t.Errorf("errors %+v", got)
	}
}

// How sure a wrong answer is, as each kind says it.
func TestSureness(t *testing.T) {
	p, residual := 0.9375, -2.5
	for want, e := range map[string]Error{
		"0.938": {Probability: &p}, "x said at 0.938": {Probability: &p, Label: "x"}, "x missed at 0.938": {Probability: &p, Label: "x", Missed: true}, "-2.50": {Residual: &residual},
	} {
		if got := e.Sureness(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
