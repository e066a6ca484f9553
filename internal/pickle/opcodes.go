package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// opcodes are what torch.save emits, in Python 3 and 2. The names are those of
// Python's pickletools.
var opcodes = [256]func(*Decoder) error{
	0x80: protocol,                                          // PROTO
	0x95: frame,                                             // FRAME
	'.':  func(*Decoder) error { return errStop },           // STOP
	'(':  mark,                                              // MARK
	'N':  constant(nil),                                     // NONE
	0x88: constant(true),                                    // NEWTRUE
	0x89: constant(false),                                   // NEWFALSE
	'K':  integer(1),                                        // BININT1
	'M':  integer(2),                                        // BININT2
	'J':  integer(4),                                        // BININT
	0x8a: long,                                              // LONG1
	'G':  float,                                             // BINFLOAT
	'U':  text(1),                                           // SHORT_BINSTRING
	'T':  text(4),                                           // BINSTRING
	0x8c: text(1),                                           // SHORT_BINUNICODE
	'X':  text(4),                                           // BINUNICODE
	')':  func(d *Decoder) error { return d.push(Tuple{}) }, // EMPTY_TUPLE
	']':  func(d *Decoder) error { return d.push(&List{}) }, // EMPTY_LIST
	'}':  func(d *Decoder) error { return d.push(&Dict{}) }, // EMPTY_DICT
	0x85: tuple(1),                                          // TUPLE1
	0x86: tuple(2),                                          // TUPLE2
	0x87: tuple(3),                                          // TUPLE3
	't':  markedTuple,                                       // TUPLE
	'a':  appendOne,                                         // APPEND
	'e':  appendAll,                                         // APPENDS
	's':  setOne,                                            // SETITEM
	'u':  setAll,                                            // SETITEMS
	'q':  put(1),                                            // BINPUT
	'r':  put(4),                                            // LONG_BINPUT
	0x94: memoize,                                           // MEMOIZE
	'h':  get(1),                                            // BINGET
	'j':  get(4),                                            // LONG_BINGET
	'c':  global,                                            // GLOBAL
	0x93: stackGlobal,                                       // STACK_GLOBAL
	'i':  instance,                                          // INST
	'R':  reduce,                                            // REDUCE
	'b':  build,                                             // BUILD
	'Q':  persistent,                                        // BINPERSID
}

// refused are the names of opcodes that make objects and are not in opcodes.
var refused = map[byte]string{
	'o': "OBJ", 0x81: "NEWOBJ", 0x92: "NEWOBJ_EX", 'P': "PERSID",
	0x82: "EXT1 (an object of Python's extension registry)", 0x83: "EXT2 (an object of Python's extension registry)",
	0x84: "EXT4 (an object of Python's extension registry)",
}

func opcodeName(op byte) string {
	if name, ok := refused[op]; ok {
		return name
	}
	return fmt.Sprintf("%#02x", op)
}

func protocol(d *Decoder) error {
	version, err := d.byte()
	if err == nil && version > 5 {
		return fmt.Errorf("the pickle has protocol %d, want at most 5", version)
	}
	return err
}

// frame skips the length of what follows, which is read as it comes.
func frame(d *Decoder) error {
	_, err := d.take(8)
	return err
}

func mark(d *Decoder) error {
	d.marks = append(d.marks, len(d.stack))
	return nil
}

func constant(v any) func(*Decoder) error {
	return func(d *Decoder) error { return d.push(v) }
}

// uint reads an unsigned number of so many bytes, 1, 2 or 4.
func (d *Decoder) uint(size int) (uint32, error) {
	b, err := d.take(size)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(append(b, make([]byte, 4-size)...)), nil
}

// integer reads a number; one of four bytes has a sign.
func integer(size int) func(*Decoder) error {
	return func(d *Decoder) error {
		n, err := d.uint(size)
		if err != nil {
			return err
		}
		if size == 4 {
			return d.push(int64(int32(n)))
		}
		return d.push(int64(n))
	}
}

// long reads a number of up to 8 bytes in two's complement.
func long(d *Decoder) error {
	size, err := d.byte()
	if err != nil {
		return err
	}
	if size > 8 {
		return fmt.Errorf("a number has %d bytes, want at most 8", size)
	}
	b, err := d.take(int(size))
	if err != nil {
		return err
	}
	var n uint64
	for i := range b {
		n |= uint64(b[i]) << (8 * i)
	}
	if shift := 64 - 8*int(size); size > 0 {
		return d.push(int64(n<<shift) >> shift)
	}
	return d.push(int64(0))
}

func float(d *Decoder) error {
	b, err := d.take(8)
	if err != nil {
		return err
	}
	return d.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
}

// maxText is the longest string, and the longest name of a global.
const maxText = 1 << 16

// text reads a string after its length of so many bytes.
func text(size int) func(*Decoder) error {
	return func(d *Decoder) error {
		n, err := d.uint(size)
		if err != nil {
			return err
		}
		if n > maxText {
			return fmt.Errorf("a string has %d bytes, want at most %d", n, maxText)
		}
		b, err := d.take(int(n))
		if err != nil {
			return err
		}
		if !utf8.Valid(b) {
			return errors.New("a string is not UTF-8")
		}
		return d.push(string(b))
	}
}

func tuple(n int) func(*Decoder) error {
	return func(d *Decoder) error {
		t, err := d.popN(n)
		if err != nil {
			return err
		}
		return d.push(t)
	}
}

func markedTuple(d *Decoder) error {
	t, err := d.popMark()
	if err != nil {
		return err
	}
	return d.push(t)
}

func appendOne(d *Decoder) error { return d.extend(d.popN(1)) }
func appendAll(d *Decoder) error { return d.extend(d.popMark()) }

// extend appends values to the list below them.
func (d *Decoder) extend(values Tuple, err error) error {
	if err != nil {
		return err
	}
	l, err := top[*List](d)
	if err != nil {
		return err
	}
	l.Items = append(l.Items, values...)
	return nil
}

func setOne(d *Decoder) error { return d.set(d.popN(2)) }
func setAll(d *Decoder) error { return d.set(d.popMark()) }

// set puts keys and values, in turn, into the dict below them.
func (d *Decoder) set(pairs Tuple, err error) error {
	if err != nil {
		return err
	}
	m, err := top[*Dict](d)
	if err != nil {
		return err
	}
	if len(pairs)%2 != 0 {
		return errors.New("a dict gets a key without a value")
	}
	for i := 0; i < len(pairs); i += 2 {
		switch pairs[i].(type) {
		case string, int64:
			m.Entries = append(m.Entries, Entry{pairs[i], pairs[i+1]})
		default:
			return fmt.Errorf("a dict has %s for a key, want a str or an int", kind(pairs[i]))
		}
	}
	return nil
}

func put(size int) func(*Decoder) error {
	return func(d *Decoder) error {
		at, err := d.uint(size)
		if err != nil {
			return err
		}
		return d.remember(at)
	}
}

func memoize(d *Decoder) error { return d.remember(uint32(len(d.memo))) }

// remember keeps the last value under a number.
func (d *Decoder) remember(at uint32) error {
	v, err := d.pop()
	if err != nil {
		return err
	}
	d.memo[at] = v
	return d.push(v)
}

func get(size int) func(*Decoder) error {
	return func(d *Decoder) error {
		at, err := d.uint(size)
		if err != nil {
			return err
		}
		v, ok := d.memo[at]
		if !ok {
			return fmt.Errorf("value %d of the memo is asked for, but there is none", at)
		}
		return d.push(v)
	}
}
