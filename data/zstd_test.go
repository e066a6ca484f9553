package data

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// A file packed by zstd reads as it does unpacked, whatever its name, and one whose end is
// missing is no shorter file.
func TestLoadReadsZstd(t *testing.T) {
	plain := "\xef\xbb\xbftext,label\n" + strings.Repeat("a b c d e f g,x\nh,y\n", 30000)
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := string(w.EncodeAll([]byte(plain), nil))
	src := single()
	src.Dir = folder(t, map[string]string{"a.csv": plain, "b.csv.zst": packed, "c.csv": packed, "short.csv": packed[:len(packed)-9]})
	var first []Example
	for _, name := range []string{"a.csv", "b.csv.zst", "c.csv"} {
		src.Train, src.Dev = name, name
		sets, err := Load(src)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = sets.Train.Examples
		}
		if len(first) != 60000 || !reflect.DeepEqual(sets.Train.Examples, first) {
			t.Errorf("%s: %d rows, want the 60000 of a.csv", name, len(sets.Train.Examples))
		}
	}
	src.Train = "short.csv"
	_, err = Load(src)
	placed, ok := err.(*Error)
	if !ok || placed.File != filepath.Join(src.Dir, "short.csv") || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("got %v, want that it is truncated", err)
	}
}
