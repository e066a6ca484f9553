package configs

import (
	"testing"

	"github.com/powerbert/powerbert/data"
)

func TestFold(t *testing.T) {
	for text, want := range map[string][2]int{"": {0, 0}, "1/2": {1, 2}, "5/5": {5, 5}, Fold(3, 10): {3, 10}} {
		src := load(t, "data: {task: demo}\n", "data.fold="+text).Source()
		if src.Fold != want[0] || src.Folds != want[1] {
			t.Errorf("data.fold %q is fold %d of %d, want %v", text, src.Fold, src.Folds, want)
		}
	}
	for _, text := range []string{"1", "1/1", "0/5", "6/5", "a/5", "1/5/5", "/"} {
		d := Data{Fold: text}
		if k, n, ok := d.fold(); ok {
			t.Errorf("data.fold %q is fold %d of %d", text, k, n)
		}
	}
}

// What is taken out of train leaves near texts of a table together, where that can be, unless
// the key or the paper's protocol says otherwise.
func TestTogether(t *testing.T) {
	const table, demo = "tokenizer: {vocab: v}\ndata: {task: table, train: t.csv, text: [a], label: b}\n", "data: {task: demo}\n"
	for _, test := range []struct {
		task, override, want string
	}{
		{table, "name=x", data.TogetherAuto},
		{table, "data.together=near", data.TogetherNear},
		{table, "data.together=equal", data.TogetherEqual},
		{table, "compat=paper", data.TogetherEqual},
		{demo, "name=x", data.TogetherEqual},
		{demo, "data.together=near", data.TogetherNear},
	} {
		if got := load(t, test.task, test.override).Source().Together; got != test.want {
			t.Errorf("%s%s: %q, want %q", test.task, test.override, got, test.want)
		}
	}
}
