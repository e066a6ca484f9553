package kernel

import "testing"

func TestGrown(t *testing.T) {
	for _, c := range []struct{ held, n, want int }{
		{0, 0, 0}, {0, 7, 7}, {7, 7, 7}, {7, 3, 7}, {7, 8, 10}, {100, 1000, 1250},
	} {
		if got := Grown(c.held, c.n); got != c.want {
			t.Errorf("a buffer of %d for %d elements has %d, want %d", c.held, c.n, got, c.want)
		}
	}
}
