package budget

import (
	"fmt"
	"slices"
	"testing"
)

func TestHalve(t *testing.T) {
	for _, c := range []struct{ candidates, steps, most, want string }{
		{"1", "100", "9", "[]"},
		{"2", "100", "99", "[{2 50}]"},
		{"5", "600", "999", "[{5 40} {3 66} {2 100}]"},
		{"5", "600", "60", "[{5 40} {3 60} {2 60}]"},
		{"6", "3", "60", "[{6 1} {3 1} {2 1}]"},
	} {
		var n, steps, most int
		fmt.Sscan(c.candidates+" "+c.steps+" "+c.most, &n, &steps, &most)
		if got := fmt.Sprint(Halve(n, steps, most)); got != c.want {
			t.Errorf("%s candidates, %s steps: %s, want %s", c.candidates, c.steps, got, c.want)
		}
	}
}

// The better half goes on: by the value, then by the smaller loss, then by the order.
func TestTournament(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e"}
	scores := map[string][]Score{
		"a": {{Value: 0.5}},
		"b": {{Value: 0.7, Loss: 2}, {Value: 0.8, Loss: 1}, {Value: 0.9, Loss: 3}},
		"c": {{Value: 0.7, Loss: 1}, {Value: 0.8, Loss: 1}, {Value: 0.9, Loss: 2}},
		"d": {{Value: 0.9, Loss: 9}, {Value: 0.1}},
		"e": {{Value: 0.7, Loss: 3}},
	}
	var list []Candidate
	for _, name := range names {
		list = append(list, Candidate{Name: name})
	}
	tournament := NewTournament(list, 600, 999)
	for i, want := range [][]string{names, {"d", "c", "b"}, {"c", "b"}} {
		var in []string
		for _, e := range tournament.In(i) {
			in = append(in, e.Name)
			e.Scores = append(e.Scores, scores[e.Name][i])
		}
		if !slices.Equal(in, want) {
			t.Errorf("in round %d are %v, want %v", i, in, want)
		}
	}
	tournament.Choose = 12
	if tournament.Settle(); tournament.Chosen.Name != "c" {
		t.Errorf("chosen is %v", tournament.Chosen)
	}
	if got := tournament.Verdict(); got != "c at 0.000 of the multiply-adds, the best of 5 on the 12 examples that choose" {
		t.Error(got)
	}
	alone := NewTournament(list[3:4], 600, 999)
	if alone.Settle(); alone.Chosen.Name != "d" || alone.Verdict() != "d at 0.000 of the multiply-adds, the only candidate" {
		t.Errorf("alone: %v, %s", alone.Chosen, alone.Verdict())
	}
}
