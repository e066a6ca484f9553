package tokenizer

import "testing"

func TestSaveLoads(t *testing.T) {
	w, err := New([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "!"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := w.Save(dir); err != nil {
		t.Fatal(err)
	}
	again, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Encode("Unaffable!", 0).IDs; len(got) != 6 || got[3] != 6 {
		t.Errorf("ids %v, want [2 4 5 6 7 3]", got)
	}
}
