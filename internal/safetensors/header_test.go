package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// tensor is a header's entry.
func tensor(name, dtype, shape string, from, to int64) string {
	return fmt.Sprintf(`"%s":{"dtype":"%s","shape":[%s],"data_offsets":[%d,%d]}`, name, dtype, shape, from, to)
}

// object is a header of entries.
func object(entries ...string) string { return "{" + strings.Join(entries, ",") + "}" }

func length(n uint64) string { return string(binary.LittleEndian.AppendUint64(nil, n)) }

const eight = "\x00\x00\x00\x00\x00\x00\x00\x00"

// badFiles is every way in which a file can be broken, with its message.
var badFiles = []struct {
	name string
	file string
	want string
}{
	{"empty", "", "the file has 0 bytes, too few for a safetensors file"},
	{"too short for a length", "1234567", "the file has 7 bytes, too few for a safetensors file"},
	{"header cut short", length(50) + `{"w":{"dtype`,
		"the header has a length of 50 bytes in a file of 20; the file is cut short, or this is not a safetensors file"},
	{"absurd length", length(1<<63+5) + "{}",
		"the header has a length of 9223372036854775813 bytes in a file of 10; the file is cut short, or this is not a safetensors file"},
	{"length over the format's limit", length(100_000_001) + "{}",
		"the header has a length of 100000001 bytes in a file of 10; the file is cut short, or this is not a safetensors file"},
	{"a zip of PyTorch", "PK\x03\x04\x00\x00\x08\x08\x00\x00",
		"the header has a length of 578712552184433488 bytes in a file of 10; the file is cut short, or this is not a safetensors file"},
	{"no header", length(0), "the header is not a JSON object; this is not a safetensors file, or it is damaged"},
	{"no object", bad(`[1,2]`, ""), "the header is not a JSON object; this is not a safetensors file, or it is damaged"},
	{"broken JSON", bad(`{"w":{"dtype":"F32"`, ""), "the header is not valid JSON: unexpected EOF"},
	{"more after the object", bad(`{}x`, ""), "the header goes on after its JSON object"},
	{"two objects", bad(`{}{}`, ""), "the header goes on after its JSON object"},
	{"metadata of numbers", bad(`{"__metadata__":{"a":1}}`, ""),
		"the header's __metadata__ is not an object of strings: json: cannot unmarshal number into Go value of type string"},
	{"entry without offsets", bad(`{"w":{"dtype":"F32","shape":[1]}}`, eight),
		`tensor "w": the header's entry has no dtype, shape or pair of data_offsets`},
	{"entry without shape", bad(`{"w":{"dtype":"F32","data_offsets":[0,8]}}`, eight),
		`tensor "w": the header's entry has no dtype, shape or pair of data_offsets`},
	{"entry of null", bad(`{"w":null}`, eight),
		`tensor "w": the header's entry has no dtype, shape or pair of data_offsets`},
	{"three offsets", bad(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}`, eight),
		`tensor "w": the header's entry has no dtype, shape or pair of data_offsets`},
	{"a name twice", bad(object(tensor("w", "F32", "1", 0, 4), tensor("w", "F32", "1", 4, 8)), eight), `the header has tensor "w" twice`},
	{"offsets fall", bad(object(tensor("w", "F32", "2", 8, 0)), eight),
		`tensor "w": data_offsets are 8 and 0, want 0 or more and rising`},
	{"negative offset", bad(object(tensor("w", "F32", "2", -8, 0)), eight),
		`tensor "w": data_offsets are -8 and 0, want 0 or more and rising`},
	{"negative shape", bad(object(tensor("w", "F32", "-2,-1", 0, 8)), eight), `tensor "w": shape (-2, -1) is no size of a tensor`},
	{"huge shape", bad(object(tensor("w", "F32", "4294967296,4294967296", 0, 8)), eight),
		`tensor "w": shape (4294967296, 4294967296) is no size of a tensor`},
	{"huge shape in bytes", bad(object(tensor("w", "F64", "2305843009213693952", 0, 8)), eight),
		`tensor "w": shape (2305843009213693952) is no size of a tensor`},
	{"huge but for a zero", bad(object(tensor("w", "F32", "0,4294967296,4294967296", 0, 0)), ""),
		`tensor "w": shape (0, 4294967296, 4294967296) is no size of a tensor`},
	{"shape against offsets", bad(object(tensor("w", "F32", "3, 1", 0, 8)), eight),
		`tensor "w": F32 of shape (3, 1) takes 12 bytes, but data_offsets give it 8`},
	{"dtype against offsets", bad(object(tensor("w", "F16", "2", 0, 8)), eight),
		`tensor "w": F16 of shape (2) takes 4 bytes, but data_offsets give it 8`},
	{"overlap", bad(object(tensor("v", "F32", "2", 0, 8), tensor("w", "F32", "1", 4, 8)), eight), `tensors "v" and "w" overlap in the file`},
	{"the same data twice", bad(object(tensor("v", "F32", "2", 0, 8), tensor("w", "F32", "2", 0, 8)), eight),
		`tensors "v" and "w" overlap in the file`},
	{"gap", bad(object(tensor("v", "F32", "1", 0, 4), tensor("w", "F32", "1", 8, 12)), eight+eight),
		`tensor "w": 4 bytes before its data belong to no tensor`},
	{"data cut short", bad(object(tensor("v", "F32", "1", 0, 4), tensor("w", "F32", "3", 4, 16)), eight),
		"the file is cut short: 16 bytes of tensors, of which 8 are there; copy it again"},
	{"more data than tensors", bad(object(tensor("w", "F32", "1", 0, 4)), eight), "4 bytes after the last tensor belong to none"},
	{"data without tensors", bad(`{}`, eight), "8 bytes after the last tensor belong to none"},
}

func bad(header, data string) string { return string(file(header, data)) }

func TestBadFiles(t *testing.T) {
	for _, c := range badFiles {
		t.Run(c.name, func(t *testing.T) {
			_, err := open([]byte(c.file))
			if err == nil || err.Error() != c.want {
				t.Errorf("error is\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

func TestGoodHeaders(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":             bad(`{}`, ""),
		"padded with spaces":  bad("{}      ", ""),
		"not in data's order": bad(object(tensor("v", "F32", "1", 4, 8), tensor("w", "F32", "1", 0, 4)), eight),
		"no elements":         bad(object(tensor("v", "F32", "0,3", 0, 0), tensor("w", "F32", "2", 0, 8)), eight),
		"unknown dtype":       bad(object(tensor("w", "F6_E2M3", "3", 0, 8)), eight),
		"unknown keys":        bad(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":true}}`, eight),
	} {
		if _, err := open([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever the bytes are, New and the reads end without a panic and reserve no
// more than a file of that size can hold; what is read comes back when written.
func FuzzFile(f *testing.F) {
	for _, c := range badFiles {
		f.Add([]byte(c.file))
	}
	f.Add(file(object(tensor("v", "F16", "1,2", 0, 4), tensor("w", "F32", "1", 4, 8)), eight))
	f.Add(file(object(tensor("v", "I64", "", 0, 8)), eight))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := open(b)
		if err != nil {
			return
		}
		var data int64
		for _, info := range file.Tensors() {
			data += info.to - info.from
			if size := sizes[info.DType]; size > 0 && int64(info.Size())*size != info.to-info.from {
				t.Fatalf("tensor %q: %d elements in %d bytes", info.Name, info.Size(), info.to-info.from)
			}
		}
		if data > int64(len(b)) {
			t.Fatalf("%d bytes of tensors in a file of %d", data, len(b))
		}
		tensors, err := file.ReadAll()
		if err != nil {
			return
		}
		first := written(t, nil, tensors...)
		if file, err = open(first); err != nil {
			t.Fatalf("cannot be read as it was written: %v", err)
		}
		if tensors, err = file.ReadAll(); err != nil || !bytes.Equal(written(t, nil, tensors...), first) {
			t.Fatalf("comes back as another file, %v", err)
		}
	})
}
