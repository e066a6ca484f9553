package wire

import (
	"errors"
	"fmt"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// message has a field of each wire type: 1 = 300, 2 = "ab", 3 = 7 in 32 bits, 4 = 9 in 64,
// 5 = a group, which is passed over, and 6 = 1.
func message() []byte {
	m := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 300)
	m = protowire.AppendString(protowire.AppendTag(m, 2, protowire.BytesType), "ab")
	m = protowire.AppendFixed32(protowire.AppendTag(m, 3, protowire.Fixed32Type), 7)
	m = protowire.AppendFixed64(protowire.AppendTag(m, 4, protowire.Fixed64Type), 9)
	m = protowire.AppendTag(protowire.AppendTag(m, 5, protowire.StartGroupType), 5, protowire.EndGroupType)
	return protowire.AppendVarint(protowire.AppendTag(m, 6, protowire.VarintType), 1)
}

func TestFields(t *testing.T) {
	var got string
	err := Fields(message(), func(number protowire.Number, v Field) error {
		got += fmt.Sprintf("%d:%d%s ", number, v.Number, v.Bytes)
		return nil
	})
	if want := "1:300 2:0ab 3:7 4:9 5:0 6:1 "; err != nil || got != want {
		t.Errorf("fields %s, %v, want %s", got, err, want)
	}
}

// What is cut within a field is no message; an error of the reader ends it.
func TestFieldsEnd(t *testing.T) {
	whole, ends := message(), 0
	for n := range whole {
		if Fields(whole[:n], func(protowire.Number, Field) error { return nil }) == nil {
			ends++
		}
	}
	if ends != 6 { // nothing, and after each field but the last
		t.Errorf("%d beginnings are whole messages, want 6", ends)
	}
	enough, calls := errors.New("enough"), 0
	err := Fields(whole, func(protowire.Number, Field) error { calls++; return enough })
	if err != enough || calls != 1 {
		t.Errorf("%v after %d fields, want the reader's own after one", err, calls)
	}
}
