package arch

import (
	"testing"

	"github.com/powerbert/powerbert/problem"
)

// What CrossEncoders say of their logits, as sentence-transformers 5 and 3 save it, the
// first as ms-marco-MiniLM-L6-v2 has it.
func TestCrossEncoders(t *testing.T) {
	for _, c := range []struct {
		config string
		want   problem.Kind
	}{
		{`{"id2label": {"0": "LABEL_0"}, "sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity", "version": "4.1.0.dev0"}}`, problem.Regression},
		{`{"id2label": {"0": "LABEL_0"}, "sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity"}`, problem.Regression},
		{`{"id2label": {"0": "LABEL_0"}, "sentence_transformers": {"activation_fn": "torch.nn.modules.activation.Sigmoid"}}`, problem.MultiLabel},
		{`{"id2label": {"0": "LABEL_0"}, "sentence_transformers": {"version": "4.1.0"}}`, problem.MultiLabel},
		{`{"id2label": {"0": "LABEL_0"}}`, problem.MultiLabel},
		{`{"id2label": {"0": "LABEL_0"}, "sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity"}, "problem_type": "multi_label_classification"}`, problem.MultiLabel},
		{`{"id2label": {"0": "a", "1": "b"}, "sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity"}}`, problem.Classification},
		{`{"id2label": {"0": "a", "1": "b"}, "sentence_transformers": {"activation_fn": "torch.nn.modules.activation.Sigmoid"}}`, problem.MultiLabel},
		{`{"id2label": {"0": "a", "1": "b"}, "sentence_transformers": 3}`, problem.Classification},
	} {
		parsed := parseConfig(t, c.config)
		if got := parsed.Problem(); got != c.want {
			t.Errorf("%s: the problem is %s, want %s", c.config, got, c.want)
		}
		parsed.SetProblem(problem.Classification, []string{"x"})
		if len(parsed.Extra) > 0 {
			t.Errorf("%s: with other labels there is still %s", c.config, parsed.Extra)
		}
	}
}
