package estimate

import (
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/pipeline/train"
)

// bfloat16 is named where the machine multiplies it, the stages do not use it, and the
// encoder is large enough.
func TestFaster(t *testing.T) {
	for _, c := range []struct {
		is    kernel.Precision
		width int
		pays  bool
		want  bool
	}{{kernel.Float32, 384, true, true}, {kernel.Float32, 383, true, false}, {kernel.Float32, 768, false, false}, {kernel.BF16, 768, true, false}} {
		l := train.Learner{}
		l.Use.Precision, l.Config.HiddenSize = c.is, c.width
		if said := faster(l, c.pays); strings.Contains(said, "precision: bf16") != c.want {
			t.Errorf("of %s, %d wide, where bfloat16 pays (%v): %q", c.is, c.width, c.pays, said)
		}
	}
}
