package arch

import (
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
)

// The rows of all distances are transformers' (internal/gradcheck/testdata/families.py),
// and behind the furthest no other begins.
func TestRelativeRows(t *testing.T) {
	r := Relative{Buckets: 32, Furthest: 128}
	rows := r.Rows()
	if len(rows) != 257 {
		t.Fatalf("%d rows, want 257", len(rows))
	}
	for i, want := range gradcheck.Golden(t, "families").Ints(t, "buckets") {
		distance := i - 200
		if got := rows[max(0, min(distance+128, 256))]; int(got) != want {
			t.Errorf("distance %d has the row %d, want %d", distance, got, want)
		}
	}
}
