package configs

import "testing"

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

// What is taken out of train leaves equal texts together, or as the key says near ones.
func TestTogether(t *testing.T) {
	for near, overrides := range map[bool][]string{false: nil, true: {"data.together=near"}} {
		if got := load(t, "data: {task: demo}\n", overrides...).Source().Near; got != near {
			t.Errorf("%v: near %v", overrides, got)
		}
	}
}
