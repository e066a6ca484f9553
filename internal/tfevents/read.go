package tfevents

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/powerbert/powerbert/internal/wire"
)

// An Event is a record of an event file.
type Event struct {
	WallTime float64 // seconds since 1970
	Step     int
	Version  string // of the first
	Start    bool   // a run begins, or goes on, with this step
	Scalars  []Scalar
}

// ReadDir reads the event files of a directory, in the order of their names, and leaves out
// what a later file begins before, as TensorBoard does.
func ReadDir(dir string) (all []Event, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*tfevents*"))
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	for _, path := range paths {
		events, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, e := range events {
			if e.Start {
				all = slices.DeleteFunc(all, func(before Event) bool { return before.Step >= e.Step })
			}
			if len(e.Scalars) > 0 {
				all = append(all, e)
			}
		}
	}
	return all, nil
}

func readFile(path string) ([]Event, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f)
}

// Read reads the events of a file. A record that is not whole, or that a checksum does not
// fit, is an error.
func Read(r io.Reader) (events []Event, err error) {
	for {
		message, err := next(r)
		if err == io.EOF {
			return events, nil
		}
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", len(events)+1, err)
		}
		e, err := parse(message)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", len(events)+1, err)
		}
		events = append(events, e)
	}
}

// longest is the most bytes of a record: scalars take few.
const longest = 1 << 24

// next reads a record; io.EOF: there is none.
func next(r io.Reader) ([]byte, error) {
	var head [12]byte
	if n, err := io.ReadFull(r, head[:]); err != nil {
		if n > 0 {
			return nil, errors.New("ends within its length")
		}
		return nil, err
	}
	length := binary.LittleEndian.Uint64(head[:8])
	if binary.LittleEndian.Uint32(head[8:]) != checksum(head[:8]) || length > longest {
		return nil, fmt.Errorf("the checksum of its length %d is wrong, or it is above %d", length, longest)
	}
	body := make([]byte, length+4)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, fmt.Errorf("ends before its %d bytes", length)
	}
	if message := body[:length]; binary.LittleEndian.Uint32(body[length:]) == checksum(message) {
		return message, nil
	}
	return nil, errors.New("its checksum is wrong")
}

// parse reads an Event.
func parse(message []byte) (e Event, err error) {
	err = wire.Fields(message, func(field protowire.Number, v wire.Field) error {
		switch field {
		case wallTimeField:
			e.WallTime = math.Float64frombits(v.Number)
		case stepField:
			e.Step = int(v.Number)
		case fileVersionField:
			e.Version = string(v.Bytes)
		case sessionLogField:
			e.Start = len(v.Bytes) == 2 && v.Bytes[1] == statusStart
		case summaryField:
			return wire.Fields(v.Bytes, func(_ protowire.Number, value wire.Field) error { return e.scalar(value.Bytes) })
		}
		return nil
	})
	return e, err
}

// scalar adds a Summary.Value.
func (e *Event) scalar(value []byte) error {
	var s Scalar
	err := wire.Fields(value, func(field protowire.Number, v wire.Field) error {
		switch field {
		case tagField:
			s.Tag = string(v.Bytes)
		case simpleValueField:
			s.Value = float64(math.Float32frombits(uint32(v.Number)))
		}
		return nil
	})
	e.Scalars = append(e.Scalars, s)
	return err
}
