package pickle

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// options allow one function, which sums ints, one name, and objects outside.
var options = Options{
	Globals: map[Global]Func{
		{"m", "sum"}: func(args Tuple) (any, error) {
			var n int64
			for _, a := range args {
				k, ok := a.(int64)
				if !ok {
					return nil, errors.New("sum of other than ints")
				}
				n += k
			}
			return n, nil
		},
		{"m", "Name"}: nil,
	},
	Persistent: func(id any) (any, error) {
		if id == nil {
			return nil, errors.New("no object None")
		}
		return fmt.Sprint("outside ", id), nil
	},
}

func decode(text string) (any, error) {
	return NewDecoder(strings.NewReader(text), options).Decode()
}

// values are pickles and what they hold. Those of more than one opcode are what
// Python 3.11 writes.
var values = []struct {
	pickle string
	want   any
}{
	{"N.", nil}, {"\x88.", true}, {"\x89.", false},
	{"K\xff.", int64(255)}, {"M\x01\x02.", int64(513)}, {"J\xfe\xff\xff\xff.", int64(-2)}, {"J\x00\x00\x00\x80.", int64(math.MinInt32)},
	{"\x8a\x00.", int64(0)}, {"\x8a\x01\xff.", int64(-1)}, {"\x8a\x03\x00\x00\x80.", int64(-1 << 23)}, {"\x8a\x05\x00\x00\x00\x00\x01.", int64(1 << 32)},
	{"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.", int64(math.MinInt64)},
	{"G\xbf\xf8\x00\x00\x00\x00\x00\x00.", -1.5},
	{"U\x02ab.", "ab"}, {"T\x01\x00\x00\x00a.", "a"}, {"\x8c\x02\xc3\xa9.", "é"}, {"X\x00\x00\x00\x00.", ""},
	{").", Tuple{}}, {"K\x01\x85.", Tuple{int64(1)}}, {"NK\x02\x86.", Tuple{nil, int64(2)}}, {"NN\x88\x87.", Tuple{nil, nil, true}},
	{"K\x07(K\x01K\x02t\x86.", Tuple{int64(7), Tuple{int64(1), int64(2)}}},
	{"].", &List{}}, {"]Na.", &List{Items: []any{nil}}}, {"](K\x01K\x02e.", &List{Items: []any{int64(1), int64(2)}}},
	{"}.", &Dict{}}, {"}K\x01\x88s.", &Dict{Entries: []Entry{{int64(1), true}}}},
	{"}(U\x01aNU\x01bK\x02u.", &Dict{Entries: []Entry{{"a", nil}, {"b", int64(2)}}}},
	{"cm\nName\n.", Global{"m", "Name"}}, {"U\x01mU\x03sum\x93.", Global{"m", "sum"}},
	{"cm\nsum\n(K\x01K\x02K\x03tR.", int64(6)}, {"K\x05Q.", "outside 5"}, {"}}U\x01aNsb.", &Dict{}},
	{"\x80\x02}q\x00X\x01\x00\x00\x00kq\x01]q\x02(K\x01h\x02es.", nil}, // a list that holds itself: checked below
	{"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94h\x00\x86\x94.", Tuple{"a", "a"}},
	{"U\x01ar\x00\x01\x00\x00j\x00\x01\x00\x00\x86.", Tuple{"a", "a"}},
}

func TestDecode(t *testing.T) {
	for _, c := range values {
		got, err := decode(c.pickle)
		if d, ok := got.(*Dict); ok && c.want == nil && err == nil {
			if list := d.Entries[0].Value.(*List); list.Items[1] != any(list) {
				t.Errorf("%q: %v does not hold itself", c.pickle, list)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q is %#v, %v, want %#v", c.pickle, got, err, c.want)
		}
		for n := range len(c.pickle) - 1 {
			if _, err := decode(c.pickle[:n]); err == nil || err.Error() != "the pickle is cut short" {
				t.Errorf("%q: error is %v, want that it is cut short", c.pickle[:n], err)
			}
		}
	}
}

// bad are pickles that are refused, each with its message.
var bad = []struct{ pickle, want string }{
	{"cos\nsystem\n.", "byte 0 of the pickle: it refers to os.system, which no file of weights needs; Python may run a program when it loads this file"},
	{"(ios\nsystem\n.", "byte 1 of the pickle: it refers to os.system, which no file of weights needs; Python may run a program when it loads this file"},
	{"U\x02osU\x06system\x93.", "byte 12 of the pickle: it refers to os.system, which no file of weights needs; Python may run a program when it loads this file"},
	{"K\x01U\x06system\x93.", "byte 10 of the pickle: a global is named by an int and a str, want two strs"},
	{"cm\nName\n)R.", "byte 9 of the pickle: the global m.Name is called with a tuple, want a function and a tuple"},
	{"cm\nsum\n]R.", "byte 8 of the pickle: the global m.sum is called with a list, want a function and a tuple"},
	{"K\x01)R.", "byte 3 of the pickle: an int is called with a tuple, want a function and a tuple"},
	{"cm\nsum\nN\x85R.", "byte 9 of the pickle: sum of other than ints"},
	{"NQ.", "byte 1 of the pickle: no object None"},
	{"c" + strings.Repeat("m", maxText+2), "byte 0 of the pickle: a name has more than 65536 bytes"},
	{"\x81.", "byte 0 of the pickle: opcode NEWOBJ is none that torch.save emits"},
	{"(o.", "byte 1 of the pickle: opcode OBJ is none that torch.save emits"},
	{"\x84\x01\x00\x00\x00.", "byte 0 of the pickle: opcode EXT4 (an object of Python's extension registry) is none that torch.save emits"},
	{"0.", "byte 0 of the pickle: opcode 0x30 is none that torch.save emits"},
	{"\x80\x06N.", "byte 0 of the pickle: the pickle has protocol 6, want at most 5"},
	{"\x8a\x09" + strings.Repeat("a", 9) + ".", "byte 0 of the pickle: a number has 9 bytes, want at most 8"},
	{"X\xff\xff\xff\xff.", "byte 0 of the pickle: a string has 4294967295 bytes, want at most 65536"},
	{"U\x01\xff.", "byte 0 of the pickle: a string is not UTF-8"},
	{".", "the pickle ends with 0 values and 0 marks on its stack, want one value"},
	{"NN.", "the pickle ends with 2 values and 0 marks on its stack, want one value"},
	{"N(.", "the pickle ends with 1 values and 1 marks on its stack, want one value"},
	{"N\x86.", "byte 1 of the pickle: the opcode wants more values than the stack has"},
	{"N(\x85.", "byte 2 of the pickle: the opcode wants more values than the stack has"},
	{"Nt.", "byte 1 of the pickle: the opcode wants a mark, and there is none"},
	{"NNa.", "byte 2 of the pickle: the opcode works on a list, not on None"},
	{"(Ne.", "byte 2 of the pickle: the opcode wants more values than the stack has"},
	{"]NNs.", "byte 3 of the pickle: the opcode works on a dict, not on a list"},
	{"}(Nu.", "byte 3 of the pickle: a dict gets a key without a value"},
	{"})Ns.", "byte 3 of the pickle: a dict has a tuple for a key, want a str or an int"},
	{"}Nb.", "byte 2 of the pickle: attributes are set from None, want a dict"},
	{"cm\nsum\n}b.", "byte 8 of the pickle: the opcode works on a dict, not on the global m.sum"},
	{"h\x05.", "byte 0 of the pickle: value 5 of the memo is asked for, but there is none"},
	{"q\x00.", "byte 0 of the pickle: the opcode wants more values than the stack has"},
	{strings.Repeat("N", MaxOps+1), "the pickle has more than 524288 opcodes, too many for the names of tensors"},
	{strings.Repeat("X\xff\xff\x00\x00"+strings.Repeat("a", 1<<16-1), 65), "byte 4129020 of the pickle: the pickle has more than 4194304 bytes, too many for the names of tensors"},
}

func TestRefuses(t *testing.T) {
	for _, c := range bad {
		v, err := decode(c.pickle)
		if err == nil || err.Error() != c.want || v != nil {
			t.Errorf("%.40q is %v, error\n%v, want\n%s", c.pickle, v, err, c.want)
		}
	}
	if _, err := NewDecoder(strings.NewReader("NQ."), Options{}).Decode(); err == nil || !strings.Contains(err.Error(), "an object outside of the pickle") {
		t.Errorf("error is %v", err)
	}
	var named *GlobalError
	if _, err := decode("cos\nsystem\n."); !errors.As(err, &named) || named.Global != (Global{"os", "system"}) {
		t.Errorf("error %v does not hold the global", err)
	}
}

// Pickles may follow one another; the memo of one is not the next one's.
func TestPicklesInARow(t *testing.T) {
	d := NewDecoder(strings.NewReader("\x80\x02K\x01q\x00.U\x02hiq\x00.h\x00.rest"), options)
	for i, want := range []struct {
		value  any
		offset int64
	}{{int64(1), 7}, {"hi", 14}} {
		if got, err := d.Decode(); err != nil || got != want.value || d.Offset() != want.offset {
			t.Errorf("pickle %d is %v, %v and ends at %d, want %v at %d", i, got, err, d.Offset(), want.value, want.offset)
		}
	}
	if _, err := d.Decode(); err == nil {
		t.Error("the third pickle finds the second one's memo")
	}
}

// No text makes Decode panic.
func FuzzDecode(f *testing.F) {
	for _, c := range values {
		f.Add(c.pickle)
	}
	for _, c := range bad[:len(bad)-2] {
		f.Add(c.pickle)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := NewDecoder(strings.NewReader(text), options)
		_, err := d.Decode()
		if n := d.Offset(); n > int64(len(text)) || err == nil && text[n-1] != '.' {
			t.Fatalf("it ends at %d of %q", n, text)
		}
	})
}
