package pickle

import (
	"bytes"
	"errors"
	"fmt"
)

// A GlobalError tells that a pickle refers to a global that it may not.
type GlobalError struct{ Global Global }

// Error names the global.
func (e *GlobalError) Error() string {
	return fmt.Sprintf("it refers to %s, which no file of weights needs; Python may run a program when it loads this file", e.Global)
}

// line reads up to a newline.
func (d *Decoder) line() (string, error) {
	var b bytes.Buffer
	for b.Len() <= maxText {
		c, err := d.byte()
		if err != nil {
			return "", err
		}
		if c == '\n' {
			return b.String(), nil
		}
		b.WriteByte(c)
	}
	return "", fmt.Errorf("a name has more than %d bytes", maxText)
}

// lines reads the name of a global.
func (d *Decoder) lines() (g Global, err error) {
	if g.Module, err = d.line(); err == nil {
		g.Name, err = d.line()
	}
	return g, err
}

// pushGlobal pushes a global that is allowed.
func (d *Decoder) pushGlobal(g Global) error {
	if _, ok := d.options.Globals[g]; !ok {
		return &GlobalError{g}
	}
	return d.push(g)
}

func global(d *Decoder) error {
	g, err := d.lines()
	if err != nil {
		return err
	}
	return d.pushGlobal(g)
}

func stackGlobal(d *Decoder) error {
	pair, err := d.popN(2)
	if err != nil {
		return err
	}
	module, ok := pair[0].(string)
	name, also := pair[1].(string)
	if !ok || !also {
		return fmt.Errorf("a global is named by %s and %s, want two strs", kind(pair[0]), kind(pair[1]))
	}
	return d.pushGlobal(Global{module, name})
}

// instance is refused, but by the name of what it would make.
func instance(d *Decoder) error {
	g, err := d.lines()
	if err != nil {
		return err
	}
	return &GlobalError{g}
}

// reduce calls a global.
func reduce(d *Decoder) error {
	pair, err := d.popN(2)
	if err != nil {
		return err
	}
	g, ok := pair[0].(Global)
	call := d.options.Globals[g]
	args, also := pair[1].(Tuple)
	if !ok || call == nil || !also {
		return fmt.Errorf("%s is called with %s, want a function and a tuple", kind(pair[0]), kind(pair[1]))
	}
	v, err := call(args)
	if err != nil {
		return err
	}
	return d.push(v)
}

// build drops the attributes of a dict, as a state dict has _metadata; nothing
// else may have any.
func build(d *Decoder) error {
	attributes, err := d.pop()
	if err != nil {
		return err
	}
	if _, ok := attributes.(*Dict); !ok {
		return fmt.Errorf("attributes are set from %s, want a dict", kind(attributes))
	}
	_, err = top[*Dict](d)
	return err
}

func persistent(d *Decoder) error {
	id, err := d.pop()
	if err != nil {
		return err
	}
	if d.options.Persistent == nil {
		return errors.New("it refers to an object outside of the pickle")
	}
	v, err := d.options.Persistent(id)
	if err != nil {
		return err
	}
	return d.push(v)
}
