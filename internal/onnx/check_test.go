package onnx

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
)

// sound is y = x·w + 1, with a weight of 6 values.
func sound(w []float32) *Graph {
	var g Graph
	x := g.Input("x", Float32, "n", 2)
	product := g.Op("MatMul", x, g.Weight("w", w, 2, 3))
	g.Output("y", g.Op("Add", product, g.Number(1)), Float32, "n", 3)
	return &g
}

var sixOnes = []float32{1, 1, 1, 1, 1, 1}

func TestCheck(t *testing.T) {
	c, err := Check(write(t, Model{Graph: sound(sixOnes), Metadata: map[string]string{"b": "", "a": "1"}}))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%+v", *c), "{Operators:3 Tensors:2 Values:7 Inputs:[x] Outputs:[y] Metadata:[a b]}"; got != want {
		t.Errorf("checked %s, want %s", got, want)
	}
}

// Every fault is refused by name.
func TestCheckRefuses(t *testing.T) {
	broken := map[string]*Graph{}
	unmade := sound(sixOnes)
	unmade.Op("Relu", Value("nothing"))
	broken[`operator 4 reads "nothing", which nothing before it makes`] = unmade
	late := &Graph{}
	late.node("Relu", []Arg{Value("later")}, "first")
	late.node("Relu", []Arg{late.Number(1)}, "later")
	broken[`operator 1 reads "later", which nothing before it makes`] = late
	twice := sound(sixOnes)
	twice.node("Relu", []Arg{Value("x")}, "w")
	broken[`two values are called "w"`] = twice
	same := sound(sixOnes)
	same.Input("w", Float32, 1)
	broken[`two values are called "w"`+" "] = same
	lost := sound(sixOnes)
	lost.end(outputField, "z", Float32, nil)
	broken[`the output "z" is made by no operator`] = lost
	broken[`tensor "w" has 20 bytes, want 24 for its shape`] = sound(sixOnes[:5])
	broken[`tensor "w" holds NaN or infinity`] = sound([]float32{1, 1, 1, 1, 1, float32(math.Inf(-1))})
	broken[`tensor "w" holds NaN or infinity`+" "] = sound([]float32{float32(math.NaN()), 1, 1, 1, 1, 1})
	few := sound(sixOnes)
	few.once(&tensor{name: "few", kind: Int8, dims: []int{3}, raw: []byte{1, 2}})
	broken[`tensor "few" has 2 bytes, want 3 for its shape`] = few
	other := sound(sixOnes)
	other.once(&tensor{name: "half", kind: 10})
	broken[`tensor "half" is of the type 10, want 1 (float32), 2 (uint8), 3 (int8) or 7 (int64)`] = other
	for want, graph := range broken {
		if _, err := Check(write(t, Model{Graph: graph})); err == nil || err.Error() != strings.TrimSpace(want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	whole := write(t, Model{Graph: sound(sixOnes)})
	for n := range whole {
		if _, err := Check(bytes.Clone(whole[:n])); err == nil {
			t.Errorf("%d of %d bytes pass", n, len(whole))
		}
	}
}
