// Package pickle reads Python pickles of plain data, and runs nothing.
//
// A pickle is a program for a stack machine that may call any function of any
// Python module, so loading one of a stranger is running the stranger's program.
// This machine knows the opcodes that torch.save emits (protocols 2 to 5,
// https://github.com/python/cpython/blob/v3.11.2/Lib/pickletools.py) and the
// globals that its caller names; each global is a Go function of the caller's.
// Everything else is an error that names it.
//
// What a pickle can make the machine reserve is bounded by MaxBytes and MaxOps,
// and by the bytes that are really there. Nothing recurses into values.
package pickle

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// The most that one pickle may have. The state dict of BERT-large takes 70 kB
// and 15,000 opcodes.
const (
	MaxBytes = 1 << 22
	MaxOps   = 1 << 19
)

// A Tuple is a Python tuple.
type Tuple []any

// A List is a Python list.
type List struct{ Items []any }

// A Dict is a Python dict, ordered or not. A key that is set twice is there twice.
type Dict struct{ Entries []Entry }

// An Entry is a key of a Dict, a string or an int64, with its value.
type Entry struct{ Key, Value any }

// A Global names an object of a Python module.
type Global struct{ Module, Name string }

// String is the name as Python writes it.
func (g Global) String() string { return g.Module + "." + g.Name }

// A Func stands for a Python function or class that a pickle calls.
type Func func(args Tuple) (any, error)

// Options say what a pickle may refer to.
type Options struct {
	Globals    map[Global]Func           // the globals that it may name; a nil Func cannot be called
	Persistent func(id any) (any, error) // what an object outside the pickle is; nil: there are none
}

// A Decoder reads one pickle after the other.
type Decoder struct {
	options Options
	r       *bufio.Reader
	offset  int64
	machine
}

// machine is the state of one pickle.
type machine struct {
	left  int64 // bytes that it may still read
	stack []any
	marks []int // heights of the stack
	memo  map[uint32]any
}

// NewDecoder reads pickles from r, and buffers.
func NewDecoder(r io.Reader, o Options) *Decoder {
	return &Decoder{options: o, r: bufio.NewReader(r)}
}

// Offset is where in its reader the last pickle ended.
func (d *Decoder) Offset() int64 { return d.offset }

// errStop ends a pickle.
var errStop = errors.New("stop")

// Decode reads one pickle. Its value is nil, a bool, an int64, a float64, a
// string, a Tuple, a *List, a *Dict, a Global, or what the options made of a
// call or an object outside. Errors say at which byte they arose.
func (d *Decoder) Decode() (any, error) {
	d.machine = machine{left: MaxBytes, memo: make(map[uint32]any)}
	start := d.offset
	for range MaxOps {
		at := d.offset - start
		op, err := d.byte()
		if err == nil {
			err = d.step(op)
		}
		switch {
		case errors.Is(err, errStop):
			return d.result()
		case errors.Is(err, io.EOF):
			return nil, errors.New("the pickle is cut short")
		case err != nil:
			return nil, fmt.Errorf("byte %d of the pickle: %w", at, err)
		}
	}
	return nil, fmt.Errorf("the pickle has more than %d opcodes, too many for the names of tensors", MaxOps)
}

func (d *Decoder) step(op byte) error {
	do := opcodes[op]
	if do == nil {
		return fmt.Errorf("opcode %s is none that torch.save emits", opcodeName(op))
	}
	return do(d)
}

// result is the one value that a pickle leaves on its stack.
func (d *Decoder) result() (any, error) {
	if len(d.stack) != 1 || len(d.marks) != 0 {
		return nil, fmt.Errorf("the pickle ends with %d values and %d marks on its stack, want one value", len(d.stack), len(d.marks))
	}
	return d.stack[0], nil
}

// take reads n bytes, which is at most maxText.
func (d *Decoder) take(n int) ([]byte, error) {
	if int64(n) > d.left {
		return nil, fmt.Errorf("the pickle has more than %d bytes, too many for the names of tensors", int64(MaxBytes))
	}
	b := make([]byte, n)
	k, err := io.ReadFull(d.r, b)
	d.offset, d.left = d.offset+int64(k), d.left-int64(k)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return b, err
}

func (d *Decoder) byte() (byte, error) {
	b, err := d.take(1)
	return b[0], err
}

func (d *Decoder) push(v any) error {
	d.stack = append(d.stack, v)
	return nil
}

var errEmpty = errors.New("the opcode wants more values than the stack has")

// pop takes the last value after the last mark.
func (d *Decoder) pop() (any, error) {
	top := len(d.stack) - 1
	if top < 0 || len(d.marks) > 0 && top < d.marks[len(d.marks)-1] {
		return nil, errEmpty
	}
	v := d.stack[top]
	d.stack = d.stack[:top]
	return v, nil
}

// popN takes the last n values, in their order.
func (d *Decoder) popN(n int) (Tuple, error) {
	t := make(Tuple, n)
	for i := n - 1; i >= 0; i-- {
		v, err := d.pop()
		if err != nil {
			return nil, err
		}
		t[i] = v
	}
	return t, nil
}

// popMark takes the values after the last mark, and the mark.
func (d *Decoder) popMark() (Tuple, error) {
	top := len(d.marks) - 1
	if top < 0 {
		return nil, errors.New("the opcode wants a mark, and there is none")
	}
	at := d.marks[top]
	t := append(Tuple(nil), d.stack[at:]...)
	d.stack, d.marks = d.stack[:at], d.marks[:top]
	return t, nil
}

// top is the last value, which stays, as a T.
func top[T any](d *Decoder) (t T, err error) {
	v, err := d.pop()
	if err != nil {
		return t, err
	}
	t, ok := v.(T)
	if !ok {
		return t, fmt.Errorf("the opcode works on %s, not on %s", kind(t), kind(v))
	}
	return t, d.push(v)
}

// kind names the type of a value as Python does.
func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a bool"
	case int64:
		return "an int"
	case float64:
		return "a float"
	case string:
		return "a str"
	case Tuple:
		return "a tuple"
	case *List:
		return "a list"
	case *Dict:
		return "a dict"
	case Global:
		return "the global " + v.String()
	}
	return "an object"
}
