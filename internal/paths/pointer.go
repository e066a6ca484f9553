package paths

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// pointerStart begins every pointer of Git LFS (its docs/spec.md).
var pointerStart = []byte("version https://git-lfs.github.com/spec/")

// PointerLength is how many bytes of a file Pointer wants to see: the most of a pointer.
const PointerLength = 1024

// Pointer reports an error where a file begins as one that Git LFS left in the place of
// the file itself.
func Pointer(start []byte) error {
	if !bytes.HasPrefix(start, pointerStart) {
		return nil
	}
	what := "the file"
	if _, after, ok := bytes.Cut(start, []byte("\nsize ")); ok {
		line, _, _ := bytes.Cut(after, []byte("\n"))
		if size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64); err == nil {
			what = fmt.Sprintf("the file of %.1f MB", float64(size)/1e6)
		}
	}
	return fmt.Errorf("is a pointer of Git LFS in the place of %s; run `git lfs pull` where it was cloned, or download it", what)
}

// PointerAt is Pointer of the file at a path. One that cannot be read is none.
func PointerAt(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	start := make([]byte, PointerLength)
	n, _ := f.Read(start)
	return Pointer(start[:n])
}
