package ops

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
)

// What cannot add to a sum is refused, by its name, and leaves the sum as it is.
func TestSumRefusesOtherOps(t *testing.T) {
	y, err := GELU[float64](Input(NewGraph(), "x", make([]float64, 6), 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	s := NewSum[float64]()
	err = s.Add(make([]float64, 6), []Part{{Node: y}})
	if err == nil || !strings.HasPrefix(err.Error(), "ops: the gradient gelu#") || len(s.params) != 0 {
		t.Errorf("got error %v and %d parameters", err, len(s.params))
	}
}

// replica makes a graph of the gradients dw = dyᵀ·x (2, 3) of a weight in so many places,
// from numbers of its own, and their sum.
func replica(t *testing.T, number, places int) (g *Graph, parts []Part, sum []float64) {
	t.Helper()
	g, sum = NewGraph(), make([]float64, 6)
	for p := range places {
		dy, x := []float64{1, 2, 3, float64(number)}, []float64{1, float64(p), 2, 5, 7, 3}
		node, err := Apply("linear.dw", &linearDW[float64]{by: kernel.Exact[float64]{}}, Shape{2, 3},
			Input(g, fmt.Sprint("dy", p), dy, 2, 2), Input(g, fmt.Sprint("x", p), x, 2, 3))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, Part{Node: node})
		for o := range 2 {
			for i := range 3 {
				sum[3*o+i] += dy[o]*x[i] + dy[2+o]*x[3+i]
			}
		}
	}
	return g, parts, sum
}

// Replicas add up what they find in all places of a parameter: in the first place alone,
// anew in every round that does not go on, whoever comes first. Only a parameter in
// several places costs a later replica memory of its own.
func TestSumOverPlacesAndReplicas(t *testing.T) {
	for _, places := range []int{1, 2, 3} {
		s, to, want := NewSum[float64](), make([]float64, 6), make([]float64, 6)
		var machines []*Machine[float64]
		var all [][]Part
		for number := range 3 {
			g, parts, sum := replica(t, number, places)
			m, err := Plan[float64](g, nil, parts[0].Node)
			if err != nil {
				t.Fatal(err)
			}
			machines, all = append(machines, m), append(all, parts)
			kernel.Add(want, sum)
		}
		if err := s.Add(to, all...); err != nil {
			t.Fatal(err)
		}
		for round, goesOn := range []bool{false, false, true} {
			s.Begin(3, goesOn, nil)
			var wait sync.WaitGroup
			for i := range machines {
				wait.Go(machines[len(machines)-1-i].Run)
			}
			wait.Wait()
			if goesOn {
				kernel.Add(want, slices.Clone(want))
			}
			gradcheck.Close(t, fmt.Sprintf("%d places, round %d", places, round), to, want, 1e-12)
		}
		for i, h := range s.params[0].shares {
			if (h.own != nil) != (i > 0 && places > 1) {
				t.Errorf("%d places: replica %d has %d elements of its own", places, i, len(h.own))
			}
		}
	}
}

// The rows of a table are cleared where the last batch touched them. A table that is used
// in several places is cleared whole, and its replicas, which do not wait for one another,
// share no list of rows.
func TestSumOfATable(t *testing.T) {
	for _, places := range []int{1, 2} {
		g, ids := NewGraph(), []int32{2, 4, 2}
		var parts []Part
		var nodes Nodes
		for p := range places {
			dy := Input(g, fmt.Sprint("dy", p), []float64{1, 2, 3, 4, 5, 6}, 3, 2)
			node, err := Apply("embedding.dtable", &tableGrad[float64]{index: &ids, rows: 5}, Shape{5, 2}, dy)
			if err != nil {
				t.Fatal(err)
			}
			parts, nodes = append(parts, Part{Node: node}), append(nodes, node)
		}
		s, to := NewSum[float64](), make([]float64, 10)
		if err := s.Add(to, parts); err != nil {
			t.Fatal(err)
		}
		m, err := Plan[float64](g, nil, nodes...)
		if err != nil {
			t.Fatal(err)
		}
		for _, round := range []struct {
			ids  []int32
			want []float64
		}{
			{[]int32{2, 4, 2}, []float64{0, 0, 0, 0, 6, 8, 0, 0, 3, 4}},
			{[]int32{0, 0, 4}, []float64{4, 6, 0, 0, 0, 0, 0, 0, 5, 6}},
		} {
			ids = round.ids
			s.Begin(1, false, nil)
			m.Run()
			want := make([]float64, 10)
			for i, v := range round.want {
				want[i] = float64(places) * v
			}
			gradcheck.Close(t, fmt.Sprintf("%d places, rows %v", places, ids), to, want, 1e-12)
		}
		if touched := len(s.params[0].touched); touched != 2*(2-places) {
			t.Errorf("%d places: %d rows are listed as touched", places, touched)
		}
	}
}
