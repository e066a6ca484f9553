package model

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
)

// watched is the ranges of a model's products on one batch, and its logits.
func watched(t *testing.T, c arch.Config, f *Frozen[float32]) ([]Range, []float64) {
	t.Helper()
	var lock sync.Mutex
	ranges := Ranges(c)
	seen := make([]int, len(ranges))
	got := logitsOf(t, c, Watch(f, c, func(product int, x []float32) {
		lock.Lock()
		defer lock.Unlock()
		seen[product] += len(x)
		ranges[product].See(x)
	}), Use{})
	for i, n := range seen {
		if n == 0 {
			t.Errorf("product %d of %d was not seen", i, len(seen))
		}
	}
	return ranges, got
}

// Watching changes no bit, and on grids of the ranges every family is near to float32, but
// not the same.
func TestStaticProducts(t *testing.T) {
	for name, c := range int8Configs() {
		if strings.Contains(name, "float") {
			continue
		}
		p := int8Params(c)
		f := int8Params(c).Freeze()
		want := logitsOf(t, c, f, Use{})
		ranges, got := watched(t, c, f)
		if !slices.Equal(got, want) {
			t.Errorf("%s: watched, the logits are %v, want %v", name, got, want)
		}
		products, err := StaticProducts(p, ranges)
		if err != nil {
			t.Fatal(err)
		}
		var most, spread float64
		for i, v := range logitsOf(t, c, WithInt8(f, products...), Use{}) {
			most, spread = max(most, math.Abs(v-want[i])), max(spread, math.Abs(want[i]))
		}
		if !(most > 0 && most < spread/4) {
			t.Errorf("%s: logits up to %g move by %g", name, spread, most)
		}
	}
}

// Factors even out inputs of unlike size, by the definition; the grid spans what the
// products of inputs and factors were, and the weights times factors are the weights.
func TestStaticOfARange(t *testing.T) {
	c := frozenConfigs()["BERT"]
	p := int8Params(c)
	product := c.Net().Quantizable()[0]
	in := product[0].Shape[1]
	r := &Ranges(c)[0]
	x := make([]float32, 2*in)
	x[0], x[in], x[1], x[in+2], x[3] = -3, 40, 0.5, -0.001, -20
	r.See(x)
	s, err := r.static(p, product)
	if err != nil {
		t.Fatal(err)
	}
	w := make([]float64, in)
	for _, tensor := range product {
		for i, v := range p.Slice(tensor.Name) {
			w[i%in] = max(w[i%in], math.Abs(float64(v)))
		}
	}
	for k, x := range []float64{40, 0.5, 0.4, 20} { // the third is raised to a hundredth
		want := math.Pow(max(w[k]/slices.Max(w), 0.01), 0.2) / math.Pow(x/40, 0.8)
		if math.Abs(float64(s.Factors[k])/want-1) > 1e-5 {
			t.Errorf("factor %d is %g, want %g", k, s.Factors[k], want)
		}
	}
	lo := min(-3*s.Factors[0], -0.001*s.Factors[2], -20*s.Factors[3])
	if want := kernel.GridOf(lo, max(40*s.Factors[0], 0.5*s.Factors[1])); s.Grid != want {
		t.Errorf("the grid is %v, want %v", s.Grid, want)
	}
	weights := p.Slice(product[0].Name)
	values, scales, err := s.Quantized(weights, product[0].Shape[0])
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if got := float32(v) * scales[i/in] * s.Factors[i%in]; math.Abs(float64(got-weights[i])) > 0.501*float64(scales[i/in]*s.Factors[i%in]) {
			t.Fatalf("weight %d comes back as %g, want %g", i, got, weights[i])
		}
	}
	r.See([]float32{float32(math.NaN())})
	if _, err := r.static(p, product); err == nil || !strings.Contains(err.Error(), "want finite numbers") {
		t.Errorf("of NaN: %v", err)
	}
}

// Inputs and weights that are all zero have factors and a grid all the same.
func TestStaticOfNothing(t *testing.T) {
	for _, c := range frozenConfigs() {
		s, err := (&Ranges(c)[0]).static(NewParams[float32](c), c.Net().Quantizable()[0])
		if err != nil || s.Factors[0] != 1 || s.Grid != kernel.GridOf(0, 0) {
			t.Errorf("%+v (%v)", s, err)
		}
	}
}

// The weights of an int8 directory are what its integers stand for, and are quantised to
// the same integers; all others, and those of a float directory, are as they were.
func TestLoadWeights(t *testing.T) {
	for name, c := range int8Configs() {
		want, dir := int8Params(c), t.TempDir()
		saveInt8(t, dir, c)
		data := int8Data(t, dir)
		got, err := LoadWeights(dir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		quantised := map[string]bool{}
		all := slices.Concat(c.Net().Quantised(c.Quantization)...)
		if words := c.Net().Embedding.Words; c.Quantization.Words {
			all = append(all, arch.Tensor{Name: words.Name, Shape: []int{words.Rows, words.Width}})
		}
		factors := map[string][]float32{}
		for _, product := range c.Net().Quantised(c.Quantization) {
			for _, tensor := range product {
				factors[tensor.Name], _ = data[product[0].Name+".factor"].([]float32)
			}
		}
		for _, tensor := range all {
			quantised[tensor.Name] = true
			rows, in, f := tensor.Shape[0], tensor.Shape[1], factors[tensor.Name]
			v, s, _ := kernel.QuantizeWeights(divided(want.Slice(tensor.Name), f), rows, in)
			again, _, _ := kernel.QuantizeWeights(divided(got.Params.Slice(tensor.Name), f), rows, in)
			for i, w := range got.Params.Slice(tensor.Name) {
				is := float32(v[i]) * s[i/in]
				if f != nil {
					is *= f[i%in]
				}
				if w != is || again[i] != v[i] {
					t.Fatalf("%s: %s[%d] is %g, want %d·%g", name, tensor.Name, i, w, v[i], s[i/in])
				}
			}
		}
		for _, tensor := range want.Tensors() {
			if !quantised[tensor.Name] && !slices.Equal(got.Params.Slice(tensor.Name), want.Slice(tensor.Name)) {
				t.Errorf("%s: %s is another", name, tensor.Name)
			}
		}
		if got.Config.Quantization == nil || got.Config.Quantization.Source != "retrain" {
			t.Errorf("%s: the configuration says %v", name, got.Config.Quantization)
		}
	}
}
