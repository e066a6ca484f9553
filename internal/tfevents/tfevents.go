// Package tfevents writes and reads the event files of TensorBoard: scalars by tag and
// step. A file is a sequence of records as TensorFlow frames them (TFRecord), each an Event
// (tensorflow/core/util/event.proto).
package tfevents

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of an Event, of its Summary and of a Summary's Value, and of its SessionLog.
const (
	wallTimeField    = 1
	stepField        = 2
	fileVersionField = 3
	summaryField     = 5
	sessionLogField  = 7

	valueField       = 1
	tagField         = 1
	simpleValueField = 2

	statusField = 1
	statusStart = 1
)

// fileVersion is what the first event of a file says.
const fileVersion = "brain.Event:2"

// A Scalar is a value under a tag, as "train/loss".
type Scalar struct {
	Tag   string
	Value float64 // written as float32
}

// A Writer writes one event file. Each call puts whole records into the file.
type Writer struct{ file *os.File }

// Create makes a new event file in a directory, beside those that are there, named by the
// time so that TensorBoard reads them in their order. Of what the others have from a step
// on, step, TensorBoard then shows nothing: a run that goes on from a checkpoint writes it
// again.
func Create(dir string, step int, now time.Time) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("events.out.tfevents.%010d.%09d.powerbert", now.Unix(), now.Nanosecond())
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	w := &Writer{f}
	version := protowire.AppendString(protowire.AppendTag(nil, fileVersionField, protowire.BytesType), fileVersion)
	start := protowire.AppendVarint(protowire.AppendTag(nil, statusField, protowire.VarintType), statusStart)
	session := protowire.AppendBytes(protowire.AppendTag(nil, sessionLogField, protowire.BytesType), start)
	return w, errors.Join(w.event(now, 0, version), w.event(now, step, session))
}

// Scalars writes values of a step.
func (w *Writer) Scalars(at time.Time, step int, scalars ...Scalar) error {
	var summary []byte
	for _, s := range scalars {
		value := protowire.AppendString(protowire.AppendTag(nil, tagField, protowire.BytesType), s.Tag)
		value = protowire.AppendTag(value, simpleValueField, protowire.Fixed32Type)
		value = protowire.AppendFixed32(value, math.Float32bits(float32(s.Value)))
		summary = protowire.AppendBytes(protowire.AppendTag(summary, valueField, protowire.BytesType), value)
	}
	return w.event(at, step, protowire.AppendBytes(protowire.AppendTag(nil, summaryField, protowire.BytesType), summary))
}

// Close closes the file.
func (w *Writer) Close() error { return w.file.Close() }

// event writes an event of which what is given as a field of its own.
func (w *Writer) event(at time.Time, step int, what []byte) error {
	seconds := float64(at.UnixNano()) / float64(time.Second)
	e := protowire.AppendFixed64(protowire.AppendTag(nil, wallTimeField, protowire.Fixed64Type), math.Float64bits(seconds))
	e = protowire.AppendVarint(protowire.AppendTag(e, stepField, protowire.VarintType), uint64(step))
	_, err := w.file.Write(record(append(e, what...)))
	return err
}

// record frames a message as TensorFlow does (tensorflow/core/lib/io/record_writer.h): its
// length, 8 bytes, and a checksum of that; itself, and a checksum.
func record(message []byte) []byte {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(message)))
	r := binary.LittleEndian.AppendUint32(length, checksum(length))
	r = append(r, message...)
	return binary.LittleEndian.AppendUint32(r, checksum(message))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the CRC-32C, masked so that a checksum of what holds checksums is none of
// those (tensorflow/core/lib/hash/crc32c.h).
func checksum(b []byte) uint32 {
	crc := crc32.Checksum(b, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}
