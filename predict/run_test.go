package predict

import (
	"testing"

	"github.com/powerbert/powerbert/problem"
)

// The logits of a text are those of its own windows.
func TestJoin(t *testing.T) {
	logits := [][]float32{{1}, {2}, {6}, {5}}
	joined := Join(&problem.Window{Join: problem.JoinMean}, problem.Regression, logits, []int{0, 1, 1, 2})
	if len(joined) != 3 {
		t.Fatalf("%d texts, want 3", len(joined))
	}
	for text, want := range []float32{1, 4, 5} {
		if got := joined[text]; got[0] != want {
			t.Errorf("text %d is given %v, want %v", text, got, want)
		}
	}
	if got := Join(nil, problem.Regression, logits, nil); len(got) != 4 || got[3][0] != 5 {
		t.Errorf("texts that are cut are given %v, want %v", got, logits)
	}
}
