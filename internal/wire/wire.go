// Package wire takes protobuf messages apart without their schemas: the files of
// SentencePiece, ONNX and TensorBoard are such.
package wire

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrMalformed is the error of bytes that are no message.
var ErrMalformed = errors.New("is no protobuf message")

// A Field is the value of a field of a message: a number, or the bits of a float, or the
// bytes, which lie in the message, of a text or of another message.
type Field struct {
	Number uint64
	Bytes  []byte
}

// Fields calls use for each field of a message, in their order, and returns its first
// error. Groups, which are deprecated, are passed over.
func Fields(message []byte, use func(number protowire.Number, v Field) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return ErrMalformed
		}
		message = message[n:]
		v, n := value(message, number, kind)
		if n < 0 {
			return ErrMalformed
		}
		if err := use(number, v); err != nil {
			return err
		}
		message = message[n:]
	}
	return nil
}

// value reads a field's value of a wire type, and how many bytes it has; below 0: it is cut.
func value(message []byte, number protowire.Number, kind protowire.Type) (v Field, n int) {
	switch kind {
	case protowire.VarintType:
		v.Number, n = protowire.ConsumeVarint(message)
	case protowire.Fixed32Type:
		var x uint32
		x, n = protowire.ConsumeFixed32(message)
		v.Number = uint64(x)
	case protowire.Fixed64Type:
		v.Number, n = protowire.ConsumeFixed64(message)
	case protowire.BytesType:
		v.Bytes, n = protowire.ConsumeBytes(message)
	default:
		n = protowire.ConsumeFieldValue(number, kind, message)
	}
	return v, n
}
