package torchfile

import (
	"errors"
	"fmt"
	"io"

	"github.com/powerbert/powerbert/internal/pickle"
)

// dtypes are the storages of PyTorch with the dtype of their elements.
var dtypes = map[string]string{
	"FloatStorage": "F32", "DoubleStorage": "F64", "HalfStorage": "F16", "BFloat16Storage": "BF16",
	"LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8", "ByteStorage": "U8", "BoolStorage": "BOOL",
}

// globals are those that a state dict may name.
var globals = func() map[pickle.Global]pickle.Func {
	m := map[pickle.Global]pickle.Func{
		{Module: "collections", Name: "OrderedDict"}:         newDict,
		{Module: "torch._utils", Name: "_rebuild_tensor_v2"}: rebuildTensor,
		{Module: "torch._utils", Name: "_rebuild_parameter"}: rebuildParameter,
	}
	for name := range dtypes {
		m[pickle.Global{Module: "torch", Name: name}] = nil
	}
	return m
}()

func newDict(args pickle.Tuple) (any, error) {
	if len(args) > 0 {
		return nil, errors.New("an OrderedDict is made of other values, want an empty one")
	}
	return &pickle.Dict{}, nil
}

// storage is memory that tensors share.
type storage struct {
	key, dtype string
	numel      int64
	size       int64 // bytes of an element
	bytes      io.ReaderAt
}

// tensor is a view of a storage.
type tensor struct {
	storage *storage
	offset  int64 // elements
	shape   []int
	strides []int64
	last    int64 // element of the storage that the last one of the tensor is; −1: there is none
}

// storages are those that a pickle names, in the order in which it does.
type storages struct {
	list  []*storage
	byKey map[string]*storage
}

// options let a pickle name storages.
func (s *storages) options() pickle.Options {
	s.byKey = make(map[string]*storage)
	return pickle.Options{Globals: globals, Persistent: s.find}
}

// find is the storage of a persistent id: ("storage", type, key, device, elements),
// in legacy files with None behind, or with what makes it a view of another.
func (s *storages) find(id any) (any, error) {
	t, _ := id.(pickle.Tuple)
	if len(t) < 5 || t[0] != "storage" {
		return nil, errors.New("an object outside of the pickle is no storage")
	}
	kind, _ := t[1].(pickle.Global)
	key, named := t[2].(string)
	numel, counted := t[4].(int64)
	dtype, known := dtypes[kind.Name]
	if !known || !named || !counted || numel < 0 {
		return nil, errors.New("a storage has no type, key or number of elements")
	}
	if len(t) > 5 && t[5] != nil {
		return nil, fmt.Errorf("storage %q is a view of another, which PyTorch wrote before 0.4; save it with a later one", key)
	}
	if old := s.byKey[key]; old != nil {
		if old.dtype != dtype || old.numel != numel {
			return nil, fmt.Errorf("storage %q has %d elements of %s, and %d of %s", key, old.numel, old.dtype, numel, dtype)
		}
		return old, nil
	}
	made := &storage{key: key, dtype: dtype, numel: numel, size: elementSize(dtype)}
	s.list, s.byKey[key] = append(s.list, made), made
	return made, nil
}

// rebuildParameter makes of (tensor, requires_grad, hooks) the tensor.
func rebuildParameter(args pickle.Tuple) (any, error) {
	if len(args) > 0 {
		if t, ok := args[0].(*tensor); ok {
			return t, nil
		}
	}
	return nil, errors.New("a parameter is made of something other than a tensor")
}

// rebuildTensor makes a tensor of (storage, offset, shape, strides, …), unchecked.
func rebuildTensor(args pickle.Tuple) (any, error) {
	if len(args) < 4 {
		return nil, errors.New("a tensor is made of less than storage, offset, shape and strides")
	}
	s, isStorage := args[0].(*storage)
	offset, isInt := args[1].(int64)
	shape, errShape := ints(args[2])
	strides, errStrides := ints(args[3])
	if !isStorage || !isInt || errShape != nil || errStrides != nil {
		return nil, errors.New("a tensor is made of other values than a storage, an offset, a shape and strides")
	}
	t := &tensor{storage: s, offset: offset, shape: make([]int, len(shape)), strides: strides}
	for i, n := range shape {
		t.shape[i] = int(n)
	}
	return t, nil
}

func ints(v any) ([]int64, error) {
	t, ok := v.(pickle.Tuple)
	if !ok {
		return nil, errors.New("no tuple")
	}
	list := make([]int64, len(t))
	for i := range t {
		if list[i], ok = t[i].(int64); !ok {
			return nil, errors.New("no int")
		}
	}
	return list, nil
}
