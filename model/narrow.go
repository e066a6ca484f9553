package model

import "github.com/powerbert/powerbert/internal/kernel"

// Absences is the change of a loss, to first order, that the absence of each feed-forward
// neuron would make, for each encoder with weights of its own: −Σ_k w_kn·∂L/∂w_kn over the
// weights by which neuron n leaves its layer, which is −Σ a_n·∂L/∂a_n over all that it says. grad
// is the gradient, laid out as the arena of the parameters.
func Absences[T kernel.Float](p *Params[T], grad []T) (list [][]float64) {
	for _, b := range p.net.Weighted() {
		out := b.FFN.Out
		t, _ := p.Lookup(out.Weight())
		sums := make([]float64, out.In)
		for i, w := range p.Slice(out.Weight()) {
			sums[i%out.In] -= float64(w) * float64(grad[t.Offset+i])
		}
		list = append(list, sums)
	}
	return list
}

// Narrow copies to a model another one of the same shape but for its feed-forward neurons, of
// which it has those that keep lists, for each encoder with weights of its own.
func Narrow[T kernel.Float](to, other *Params[T], keep [][]int) {
	for _, t := range to.tensors {
		if theirs := other.Slice(t.Name); len(theirs) == t.Size {
			copy(to.Slice(t.Name), theirs)
		}
	}
	for j, b := range to.net.Weighted() {
		wide := other.net.Weighted()[j].FFN
		var rows []int
		for from := 0; from < wide.In.Rows(); from += wide.Out.In { // of gated neurons those of the gates, too
			for _, n := range keep[j] {
				rows = append(rows, from+n)
			}
		}
		for k, n := range rows {
			copy(to.Slice(b.FFN.In.Weight())[k*b.FFN.In.In:][:b.FFN.In.In], other.Slice(wide.In.Weight())[n*wide.In.In:])
			if !wide.In.NoBias {
				to.Slice(b.FFN.In.Bias())[k] = other.Slice(wide.In.Bias())[n]
			}
		}
		out, theirs := to.Slice(b.FFN.Out.Weight()), other.Slice(wide.Out.Weight())
		for h := range b.FFN.Out.Out {
			for k, n := range keep[j] {
				out[h*b.FFN.Out.In+k] = theirs[h*wide.Out.In+n]
			}
		}
	}
}
