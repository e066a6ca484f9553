package configs

import "testing"

// Counts that no run can have are refused before their products are formed: these once
// overflowed, or took all memory.
func TestCountsHaveBounds(t *testing.T) {
	for setting, want := range map[string]string{
		"workers=1025":                           "workers is 1025, want 0 to 1024",
		"data.demo.train=1048577":                "data.demo.train is 1048577, want 0 to 1048576",
		"data.max_length=1073741824":             "data.max_length is 1073741824, want less than 1073741824",
		"finetune.batch_size=1073741824":         "finetune.batch_size is 1073741824, want less than 1073741824",
		"retrain.accumulate=4611686018427387904": "retrain.accumulate is 4611686018427387904, want less than 1073741824",
		"search.epochs=9223372036854775807":      "search.epochs is 9223372036854775807, want less than 1073741824",
		"search.min_steps=9223372036854775807":   "search.min_steps is 9223372036854775807, want less than 1073741824",
		"log_every=9223372036854775807":          "log_every is 9223372036854775807, want less than 1073741824",
	} {
		_, err := Load("demo", []string{setting, "encoder.positions=2000000000"})
		found := false
		if wrong, ok := err.(*Error); ok {
			for _, p := range wrong.Problems {
				found = found || p.Text == want
			}
		}
		if !found {
			t.Errorf("%s: error %v, want %s", setting, err, want)
		}
	}
}
