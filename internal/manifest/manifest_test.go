package manifest

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// written is a file that Write wrote, alone in its folder.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weights")
	if err := Write(path, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return path
}

// The sum of "123456789" is the check value of CRC-32C in RFC 3720, appendix B.4, and in
// the catalogue of parametrised CRC algorithms (CRC-32/ISCSI).
func TestManifestHasCRC32C(t *testing.T) {
	path := written(t, "123456789")
	l, err := read(filepath.Dir(path))
	if want := (sum{9, "e3069283"}); err != nil || len(l) != 1 || l["weights"] != want {
		t.Errorf("lists %v (%v), want %v", l, err, want)
	}
}

// The sum of the flipped text is that of a loop over its bits by the polynomial 82f63b78.
func TestCheck(t *testing.T) {
	path := written(t, "123456789")
	for _, c := range []struct{ name, text, want string }{
		{"as written", "123456789", ""},
		{"a flipped bit", "123456788", "has CRC-32C 116d1180 where powerbert_manifest.json says e3069283"},
		{"cut", "12345678", "has 8 bytes where powerbert_manifest.json says 9"},
		{"empty", "", "has 0 bytes where powerbert_manifest.json says 9"},
		{"longer", "1234567890", "has 10 bytes where powerbert_manifest.json says 9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			put(t, path, c.text)
			for _, err := range []error{Check(path, []byte(c.text)), CheckFile(path), verify(t, path)} {
				damage := new(DamageError)
				switch {
				case c.want == "" && err != nil, c.want != "" && !errors.As(err, &damage):
					t.Errorf("error %v", err)
				case c.want != "" && !strings.HasPrefix(err.Error(), c.want+": it is damaged"):
					t.Errorf("error is\n%v\nwant\n%s …", err, c.want)
				}
			}
			faults, err := All(filepath.Dir(path))
			if err != nil || (len(faults) == 1) != (c.want != "") {
				t.Errorf("All finds %v, %v", faults, err)
			}
		})
	}
}

// verify reads a file through a Reader and verifies.
func verify(t *testing.T, path string) error {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(f, s.Size())
	defer r.Close()
	return r.Verify()
}

// Whatever is read before and in which order, Verify tells whether the whole is right.
func TestReaderInAnyOrder(t *testing.T) {
	text := make([]byte, 1<<20+13)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range text {
		text[i] = byte(random.Uint32())
	}
	path := written(t, string(text))
	for try := range 30 {
		damaged := try%2 == 1
		changed := bytes.Clone(text)
		if damaged {
			changed[random.IntN(len(text))] ^= 1 << random.IntN(8)
		}
		put(t, path, string(changed))
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		r := NewReader(f, int64(len(text)))
		for at := 0; random.IntN(6) > 0; {
			piece := make([]byte, random.IntN(len(text)/3))
			n, _ := r.ReadAt(piece, int64(at)) // short at the end
			if !bytes.Equal(piece[:n], changed[at:at+n]) {
				t.Fatalf("reads other bytes at %d", at)
			}
			if at += n; random.IntN(3) == 0 {
				at = random.IntN(len(text))
			}
		}
		if err := r.Verify(); errors.As(err, new(*DamageError)) != damaged || !damaged && err != nil {
			t.Errorf("try %d: error %v of a file that is damaged: %v", try, err, damaged)
		}
		r.Close()
	}
}

// A file that is cut while it is read ends the reading.
func TestReaderOfAFileThatShrinks(t *testing.T) {
	path := written(t, "123456789")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(f, 9)
	defer r.Close()
	put(t, path, "1234")
	if r.Verify() == nil {
		t.Error("no error")
	}
}

func TestFilesThatAreNotListed(t *testing.T) {
	path := written(t, "listed")
	other := filepath.Join(filepath.Dir(path), "other")
	put(t, other, "by somebody else")
	foreign := filepath.Join(t.TempDir(), "weights")
	put(t, foreign, "of a folder without a manifest")
	for _, path := range []string{other, foreign} {
		if err := errors.Join(Check(path, []byte("anything")), CheckFile(path), verify(t, path)); err != nil {
			t.Error(err)
		}
	}
}

// Each bit of a manifest that is flipped, and each cut, is found or changes nothing.
func TestDamagedManifest(t *testing.T) {
	path := written(t, "123456789")
	manifest := filepath.Join(filepath.Dir(path), Name)
	whole, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	try := func(name string, text []byte) {
		put(t, manifest, string(text))
		switch l, err := read(filepath.Dir(path)); {
		case err != nil:
			found++
		case len(l) != 1 || l["weights"] != sum{9, "e3069283"}:
			t.Errorf("%s: reads %v", name, l)
		}
	}
	for bit := range 8 * len(whole) {
		text := bytes.Clone(whole)
		text[bit/8] ^= 1 << (bit % 8)
		try("flipped", text)
	}
	for n := range whole {
		try("cut", whole[:n])
		try("zeroed", append(bytes.Clone(whole[:n]), make([]byte, len(whole)-n)...))
	}
	if found < 4*len(whole) {
		t.Errorf("%d of %d damages were found", found, 10*len(whole))
	}
	put(t, manifest, "")
	want := "open " + manifest + ": powerbert_manifest.json is damaged; remove it to have the files beside it read unchecked"
	for _, err := range []error{CheckFile(path), Write(path, nil), verify(t, path)} {
		if err == nil || err.Error() != want {
			t.Errorf("error is\n%v\nwant\n%s", err, want)
		}
	}
	if _, err := All(filepath.Dir(path)); err == nil || err.Error() != want {
		t.Errorf("All gives %v, want %s", err, want)
	}
}

// A kill between any two steps of an update leaves files that agree with the manifest or
// are not in it.
func TestUpdateMayEndAnywhere(t *testing.T) {
	path := written(t, "old")
	dir := filepath.Dir(path)
	other := filepath.Join(dir, "other")
	if err := Write(other, []byte("stays")); err != nil {
		t.Fatal(err)
	}
	agree := func(when string, listed bool) {
		t.Helper()
		faults, err := All(dir)
		l, _ := read(dir)
		if _, ok := l["weights"]; err != nil || len(faults) > 0 || ok != listed || l["other"].Bytes != 5 {
			t.Errorf("%s: faults %v (%v), lists %v", when, faults, err, l)
		}
	}
	agree("before", true)
	failure := errors.New("the disk is full")
	err := Update(dir, []string{"weights", "config"}, func() error {
		agree("before the file is replaced", false)
		put(t, path, "half of the new")
		agree("while it is replaced", false)
		return failure
	})
	if err != failure {
		t.Errorf("error is %v, want that of the writer", err)
	}
	agree("after a failure", false)
	if err := Write(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	agree("after the next update", true)
	if err := Update(dir, []string{"weights"}, func() error { return atomicfile.Remove(path) }); err != nil {
		t.Fatal(err)
	}
	agree("after the file was removed", false)
}

func TestUpdateOfNothingWritesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := Update(dir, []string{"none"}, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("the folder holds %v", entries)
	}
}

// A file that another process replaces while it is read is no damage.
func TestReplacedWhileRead(t *testing.T) {
	path := written(t, "old")
	if err := Write(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if err := Check(path, []byte("old")); err != errReplaced {
		t.Errorf("error is %v, want %v", err, errReplaced)
	}
}

func TestAllNamesWhatIsGone(t *testing.T) {
	path := written(t, "weights")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	faults, err := All(filepath.Dir(path))
	if err != nil || len(faults) != 1 || faults[0].Path != path || !errors.Is(faults[0].Err, fs.ErrNotExist) {
		t.Errorf("finds %v (%v), want that %s is not there", faults, err, path)
	}
}

func TestForgive(t *testing.T) {
	path := written(t, "a: 1")
	put(t, path, "a: 2")
	var said bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&said, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	for range 3 {
		if err := Forgive(path, CheckFile(path)); err != nil {
			t.Error(err)
		}
	}
	if n := strings.Count(said.String(), path+": is not as it was written: edited by hand, or damaged"); n != 1 {
		t.Errorf("warned %d times, want once:\n%s", n, said.String())
	}
	if err := Forgive(path, fs.ErrPermission); err != fs.ErrPermission {
		t.Errorf("error is %v, want that of the file system", err)
	}
}

func TestOff(t *testing.T) {
	path := written(t, "as written")
	put(t, path, "otherwise")
	Off = true
	t.Cleanup(func() { Off = false })
	faults, err := All(filepath.Dir(path))
	if err := errors.Join(err, Check(path, nil), CheckFile(path), verify(t, path)); err != nil || len(faults) > 0 {
		t.Errorf("error %v, faults %v", err, faults)
	}
}
