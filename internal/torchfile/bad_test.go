package torchfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// entry is a file of a zip.
type entry struct{ name, content string }

// archived is a zip of uncompressed entries, as torch.save writes it.
func archived(entries ...entry) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		part, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Store})
		if err == nil {
			_, err = part.Write([]byte(e.content))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// pickled is a file whose pickle has the given opcodes after its protocol, with a
// storage "0" of 24 bytes.
func pickled(opcodes ...string) []byte {
	return archived(entry{"m/data.pkl", "\x80\x02" + strings.Join(opcodes, "")}, entry{"m/data/0", strings.Repeat("\x00", 24)})
}

func str(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func number(n int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

// numbers is a tuple of ints.
func numbers(list ...int64) string {
	s := "("
	for _, n := range list {
		s += number(n)
	}
	return s + "t"
}

const rebuild = "ctorch._utils\n_rebuild_tensor_v2\n"

// stored is a storage of float32.
func stored(key string, numel int64) string {
	return "(" + str("storage") + "ctorch\nFloatStorage\n" + str(key) + str("cpu") + number(numel) + "tQ"
}

// view is a tensor of the storage "0" of six float32.
func view(offset int64, shape, strides string) string {
	return rebuild + "(" + stored("0", 6) + number(offset) + shape + strides + "tR"
}

// dict is a state dict of one tensor.
func dict(tensor string) string { return "}" + str("w") + tensor + "s." }

// payload is a command that leaves a file behind where it runs.
const payload = "touch RAN"

// malicious are files that make Python call, or make an object of, what no state
// dict needs, each with the global.
var malicious = map[string]struct {
	file   []byte
	global string
}{
	"GLOBAL and REDUCE":          {pickled("cposix\nsystem\n", str(payload), "\x85R."), "posix.system"},
	"os":                         {pickled("cos\nsystem\n", str(payload), "\x85R."), "os.system"},
	"inside a state dict":        {pickled(dict("c__builtin__\neval\n" + str(`__import__("os").system("touch RAN")`) + "\x85R")), "__builtin__.eval"},
	"STACK_GLOBAL":               {pickled(str("os"), str("system"), "\x93", str(payload), "\x85R."), "os.system"},
	"STACK_GLOBAL by memo":       {pickled("\x8c\x02os\x94\x8c\x06system\x94h\x00h\x01\x93", str(payload), "\x85R."), "os.system"},
	"INST":                       {pickled("(", str(payload), "ios\nsystem\n."), "os.system"},
	"OBJ":                        {pickled("(csubprocess\nPopen\n", str(payload), "o."), "subprocess.Popen"},
	"NEWOBJ":                     {pickled("csubprocess\nPopen\n", str(payload), "\x85\x81."), "subprocess.Popen"},
	"NEWOBJ_EX":                  {pickled("csubprocess\nPopen\n", str(payload), "\x85}\x92."), "subprocess.Popen"},
	"BUILD":                      {pickled("cargparse\nNamespace\n)R}", str("__setstate__"), "cos\nsystem\nsb", str(payload), "b."), "argparse.Namespace"},
	"BUILD of a dict":            {pickled("}}", str("__setstate__"), "cos\nsystem\nsb", str(payload), "b."), "os.system"},
	"a name with a dot":          {pickled("ctorch\nhub.load\n", str(payload), "\x85R."), "torch.hub.load"},
	"a name beside allowed ones": {pickled("ctorch\nload\n", str(payload), "\x85R."), "torch.load"},
	"in the legacy format": {[]byte("\x80\x02" + string(legacyMagic) + "\x80\x02M\xe9\x03.\x80\x02}" + str("little_endian") + "\x88s.\x80\x02" +
		"cos\nsystem\n" + str(payload) + "\x85R."), "os.system"},
	"in place of the machine's facts": {[]byte("\x80\x02" + string(legacyMagic) + "\x80\x02M\xe9\x03." + "cos\nsystem\n" + str(payload) + "\x85R."), "os.system"},
}

func TestMaliciousFilesRunNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, c := range malicious {
		_, err := New(bytes.NewReader(c.file), int64(len(c.file)))
		if want := "it refers to " + c.global + ", which no file of weights needs"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want %s", name, err, want)
		}
	}
	if left, err := filepath.Glob("*"); err != nil || len(left) > 0 {
		t.Errorf("there are %q, %v", left, err)
	}
}

// badFiles is what a file can be instead of a state dict, each with its message.
var badFiles = []struct {
	name string
	file []byte
	want string
}{
	{"empty", nil, "is no file of torch.save: it begins neither as a zip nor as its legacy format; copy it again"},
	{"a page of a web server", []byte("<!DOCTYPE html><html>"), "is no file of torch.save: it begins neither as a zip nor as its legacy format; copy it again"},
	{"a tar file", []byte(strings.Repeat("\x00", 257) + "ustar" + strings.Repeat("\x00", 250)),
		"is a tar file, which PyTorch wrote before 0.2; load it there and save it with a later one"},
	{"an extension", pickled("\x82\x05."), "m/data.pkl: byte 2 of the pickle: opcode EXT1 (an object of Python's extension registry) is none that torch.save emits"},
	{"an object of an allowed class", pickled("ccollections\nOrderedDict\n)\x81."), "m/data.pkl: byte 28 of the pickle: opcode NEWOBJ is none that torch.save emits"},
	{"a storage that is called", pickled("ctorch\nFloatStorage\n)R."),
		"m/data.pkl: byte 23 of the pickle: the global torch.FloatStorage is called with a tuple, want a function and a tuple"},
	{"another zip", archived(entry{"word/document.xml", "x"}), "is a zip without data.pkl, so torch.save did not write it"},
	{"no storage", archived(entry{"m/data.pkl", "\x80\x02" + dict(view(0, numbers(6), numbers(1)))}), "there is no m/data/0 in the zip; copy it again"},
	{"a storage elsewhere", pickled(dict(rebuild + "(" + stored("../../etc/passwd", 6) + number(0) + numbers(6) + numbers(1) + "tR")),
		"there is no m/data/../../etc/passwd in the zip; copy it again"},
	{"a storage that claims more", pickled(dict(rebuild + "(" + stored("0", 1<<40) + number(0) + numbers(1<<40) + numbers(1) + "tR")),
		`storage "0" has 1099511627776 elements of F32, but m/data/0 has 24 bytes`},
	{"a storage of two sizes", pickled("(" + view(0, numbers(6), numbers(1)) + stored("0", 7) + "t."),
		`m/data.pkl: byte 190 of the pickle: storage "0" has 6 elements of F32, and 7 of F32`},
	{"a storage of no size", pickled(dict(rebuild + "(" + stored("0", -1) + number(0) + numbers(6) + numbers(1) + "tR")),
		"m/data.pkl: byte 101 of the pickle: a storage has no type, key or number of elements"},
	{"beyond the storage", pickled(dict(view(1, numbers(2, 3), numbers(3, 1)))),
		`tensor "w": shape (2, 3) with strides [3 1] and offset 1 is not within its storage "0" of 6 elements`},
	{"before the storage", pickled(dict(view(-1, numbers(2, 3), numbers(3, 1)))),
		`tensor "w": shape (2, 3) with strides [3 1] and offset -1 is not within its storage "0" of 6 elements`},
	{"a negative stride", pickled(dict(view(5, numbers(6), numbers(-1)))),
		`tensor "w": shape (6) with strides [-1] and offset 5 is not within its storage "0" of 6 elements`},
	{"a negative shape", pickled(dict(view(0, numbers(-2, -3), numbers(3, 1)))),
		`tensor "w": shape (-2, -3) with strides [3 1] and offset 0 is not within its storage "0" of 6 elements`},
	{"a huge stride", pickled(dict(view(1, numbers(3), numbers(1<<62)))),
		`tensor "w": shape (3) with strides [4611686018427387904] and offset 1 is not within its storage "0" of 6 elements`},
	{"a huge shape", pickled(dict(view(0, numbers(1<<32, 1<<32), numbers(0, 0)))),
		`tensor "w": shape (4294967296, 4294967296) with strides [0 0] and offset 0 is not within its storage "0" of 6 elements`},
	{"strides of another rank", pickled(dict(view(0, numbers(6), numbers(1, 1)))), `tensor "w": shape (6) has 2 strides`},
	{"a shape of text", pickled(dict(view(0, "("+str("6")+"t", numbers(1)))),
		"m/data.pkl: byte 133 of the pickle: a tensor is made of other values than a storage, an offset, a shape and strides"},
	{"the same name twice", pickled("}" + str("w") + view(0, numbers(6), numbers(1)) + "q\x01s" + str("w") + "h\x01s."), `the state dict has tensor "w" twice`},
	{"compressed", deflated(), "m/data.pkl is compressed, which torch.save does to none; save it again"},
	{"another byte order", archived(entry{"m/data.pkl", "}."}, entry{"m/byteorder", "big"}),
		`has the byte order "big", want "little"; load it in PyTorch and save it on another machine`},
	{"another byte order in the legacy format", []byte("\x80\x02" + string(legacyMagic) + "M\xe9\x03.}" + str("little_endian") + "\x89s."),
		`has the byte order "big", want "little"; load it in PyTorch and save it on another machine`},
	{"a dict of nothing", pickled("}."), "holds a dict without tensors; save a state dict with torch.save(model.state_dict(), path)"},
}

func deflated() []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	part, _ := w.Create("m/data.pkl")
	_, _ = part.Write([]byte("}."))
	_ = w.Close() // to memory
	return b.Bytes()
}

func TestBadFiles(t *testing.T) {
	for _, c := range badFiles {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(bytes.NewReader(c.file), int64(len(c.file)))
			if err == nil || err.Error() != c.want {
				t.Errorf("error is\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

// What people save besides state dicts is told from them.
func TestOtherFilesOfPyTorch(t *testing.T) {
	for name, want := range map[string]string{
		"module.bin":   "it refers to torch.nn.modules.linear.Linear, which no file of weights needs; Python may run a program when it loads this file",
		"training.bin": "holds a dict without tensors; save a state dict with torch.save(model.state_dict(), path)",
		"list.bin":     "holds no state dict; save one with torch.save(model.state_dict(), path)",
	} {
		if _, err := Open(filepath.Join("testdata", name)); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: error is %v, want %s", name, err, want)
		}
	}
}

// A file reserves no more than a few times its size, whatever it claims.
func TestSmallFilesReserveLittle(t *testing.T) {
	files := map[string][]byte{"many dicts": pickled("]", strings.Repeat("}a", 1<<21)), "a long name": pickled("X\xff\xff\xff\x7f"),
		"a huge view": pickled(dict(view(0, numbers(1<<30, 1<<20), numbers(0, 0))))}
	for name, file := range files {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := New(bytes.NewReader(file), int64(len(file)))
		if err == nil {
			_, err = f.Data("w")
		} else if name == "a huge view" {
			t.Error(err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<26 {
			t.Errorf("%s: %d bytes were reserved (%v)", name, n, err)
		}
	}
}

// No file makes New or Data panic, and no tensor gives more or other bytes than
// its shape says.
func FuzzFile(f *testing.F) {
	for _, c := range badFiles {
		f.Add(c.file)
	}
	for _, c := range malicious {
		f.Add(c.file)
	}
	f.Add(pickled(dict(view(0, numbers(3, 2), numbers(1, 3)))))
	for _, name := range []string{"zip.bin", "protocol4.bin", "legacy.bin"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		x, err := New(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		for _, info := range x.Tensors() {
			if n := info.Size(); n < 1<<16 {
				r, err := x.Data(info.Name)
				if err != nil {
					t.Fatal(err)
				}
				var b bytes.Buffer
				if _, err := b.ReadFrom(r); err != nil || int64(b.Len()) != int64(n)*elementSize(info.DType) {
					t.Fatal(fmt.Errorf("%v: %d bytes, %w", info, b.Len(), err))
				}
			}
		}
	})
}
