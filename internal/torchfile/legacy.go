package torchfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/powerbert/powerbert/internal/pickle"
)

// legacyProtocol is the version of the legacy format, the only one there was.
const legacyProtocol = 1001

// readLegacy reads what follows the magic number of a legacy file: pickles of the
// protocol's version, of facts about the machine, of the state dict and of the
// storages' keys, then each storage behind its number of elements.
func readLegacy(r io.ReaderAt, size, from int64) (any, error) {
	var s storages
	d := pickle.NewDecoder(io.NewSectionReader(r, from, size-from), s.options())
	version, err := d.Decode()
	if err != nil {
		return nil, err
	}
	if version != int64(legacyProtocol) {
		return nil, fmt.Errorf("is of an unknown version of PyTorch's legacy format, want %d", legacyProtocol)
	}
	machine, err := d.Decode()
	if err != nil {
		return nil, err
	}
	if !littleEndian(machine) {
		return nil, errOrder("big")
	}
	state, err := d.Decode()
	if err != nil {
		return nil, err
	}
	keys, err := d.Decode()
	if err != nil {
		return nil, err
	}
	return state, s.locate(keys, r, size, from+d.Offset())
}

func littleEndian(machine any) bool {
	d, _ := machine.(*pickle.Dict)
	if d == nil {
		return false
	}
	for _, e := range d.Entries {
		if e.Key == "little_endian" {
			return e.Value == true
		}
	}
	return false
}

// locate finds the storages, which lie one after another in the order of keys.
func (s *storages) locate(keys any, r io.ReaderAt, size, at int64) error {
	list, ok := keys.(*pickle.List)
	if !ok {
		return errors.New("the keys of the storages are no list")
	}
	for _, key := range list.Items {
		name, _ := key.(string)
		storage := s.byKey[name]
		if storage == nil || storage.bytes != nil {
			return fmt.Errorf("storage %q is listed but is that of no tensor, or is listed twice", name)
		}
		var count [8]byte
		if _, err := r.ReadAt(count[:], at); err != nil {
			return fmt.Errorf("storage %q: the file is cut short; copy it again", name)
		}
		at += int64(len(count))
		if n := int64(binary.LittleEndian.Uint64(count[:])); n != storage.numel {
			return fmt.Errorf("storage %q has %d elements, but the file says %d", name, storage.numel, n)
		}
		if storage.numel > (size-at)/storage.size {
			return fmt.Errorf("storage %q has %d elements, which the file does not; it is cut short, copy it again", name, storage.numel)
		}
		storage.bytes = io.NewSectionReader(r, at, storage.numel*storage.size)
		at += storage.numel * storage.size
	}
	for _, storage := range s.list {
		if storage.bytes == nil {
			return fmt.Errorf("storage %q is not in the file", storage.key)
		}
	}
	return nil
}
