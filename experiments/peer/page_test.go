package peer

import (
	"os"
	"path/filepath"
	"testing"
)

// What stands between the marks is replaced, all else stays.
func TestFill(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(page, []byte("a\n<!-- x -->\nold\n<!-- /x -->\nb <!-- y -->\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := Fill(page, "x", "new\n"); err != nil {
			t.Fatal(err)
		}
	}
	content, _ := os.ReadFile(page)
	if want := "a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb <!-- y -->\n"; string(content) != want {
		t.Errorf("%q, want %q", content, want)
	}
	if text, err := Filled(page, "x"); err != nil || text != "new" {
		t.Errorf("%q (%v) is filled in", text, err)
	}
	want := page + ": has no place for y; want lines <!-- y --> and <!-- /y --> around it"
	if err := Fill(page, "y", ""); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
