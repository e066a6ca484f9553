package estimate

import (
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
)

// bfloat16 is named where the machine multiplies it and the stages do not use it.
func TestFaster(t *testing.T) {
	for _, c := range []struct {
		is   kernel.Precision
		pays bool
		want bool
	}{{kernel.Float32, true, true}, {kernel.Float32, false, false}, {kernel.BF16, true, false}} {
		if said := faster(c.is, c.pays); strings.Contains(said, "precision: bf16") != c.want {
			t.Errorf("of %s, where bfloat16 pays (%v): %q", c.is, c.pays, said)
		}
	}
}
