package quantize

import (
	"cmp"
	"context"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/problem"
)

// A Left is linear layers that stay in float32: one, or query, key and value of an
// encoder, which are one product.
type Left struct {
	Layers     []string `json:"layers"`
	Divergence float64  `json:"divergence"` // of the model with them alone in int8
}

// rankTexts is how many texts at most tell which layers cost most. How much they cost
// together all texts tell.
const rankTexts = 256

// choose leaves out the products that cost most until the whole is within the limits, takes
// back what need not be left out, and returns what remains and what is left in float32, in the
// order in which it was left out.
func (w *work) choose(ctx context.Context, float *infer.Followed) (in []model.Int8Product, left []Left, err error) {
	in = w.p.Products
	d, err := w.distance(ctx, &float.Outputs, in)
	if err != nil || d.within(w.limits) {
		return in, nil, err
	}
	w.log.Info("int8 is further from float32 than it may be; measuring every layer alone", "divergence", d.divergence, "bound", w.limits.divergence, "agreement", d.agreement, "wanted", w.limits.agreement)
	costs, err := w.costs(ctx, float)
	if err != nil {
		return nil, nil, err
	}
	var out []cost
	for _, c := range costs {
		out, in = append(out, c), without(in, c.product)
		if d, err = w.distance(ctx, &float.Outputs, in); err != nil {
			return nil, nil, err
		}
		w.log.Info("left in float32", "layers", c.product.Layers, "divergence", d.divergence, "agreement", d.agreement)
		if d.within(w.limits) {
			break
		}
	}
	if in, out, err = w.takeBack(ctx, float, in, out); err != nil {
		return nil, nil, err
	}
	for _, c := range out {
		left = append(left, Left{c.product.Layers, c.alone})
	}
	return in, left, nil
}

// takeBack takes those of the products that were left out back, the largest first, with which
// the whole is within the limits, too: what seemed dear alone may cost little beside others.
func (w *work) takeBack(ctx context.Context, float *infer.Followed, in []model.Int8Product, out []cost) ([]model.Int8Product, []cost, error) {
	largest := slices.Clone(out)
	slices.SortStableFunc(largest, func(a, b cost) int { return cmp.Compare(b.product.Elements(), a.product.Elements()) })
	for _, c := range largest {
		more := append(slices.Clone(in), c.product)
		d, err := w.distance(ctx, &float.Outputs, more)
		if err != nil {
			return nil, nil, err
		}
		if d.within(w.limits) {
			in, out = more, slices.DeleteFunc(out, func(o cost) bool { return o.product.Layers[0] == c.product.Layers[0] })
			w.log.Info("taken back into int8", "layers", c.product.Layers, "divergence", d.divergence, "agreement", d.agreement)
		}
	}
	return in, out, nil
}

// cost is what a product costs with all others in float32.
type cost struct {
	product model.Int8Product
	alone   float64
}

// costs measures every product alone, the dearest first.
func (w *work) costs(ctx context.Context, float *infer.Followed) ([]cost, error) {
	var some []data.Encoded
	outputs := &problem.Outputs{Kind: float.Outputs.Kind}
	for _, i := range data.Spread(len(w.examples), rankTexts) {
		some, outputs.Logits = append(some, w.examples[i]), append(outputs.Logits, float.Outputs.Logits[i])
	}
	costs := make([]cost, len(w.p.Products))
	for i, product := range w.p.Products {
		said, err := w.run(ctx, some, product)
		if err != nil {
			return nil, err
		}
		costs[i] = cost{product, outputs.Divergence(said)}
	}
	slices.SortStableFunc(costs, func(a, b cost) int { return cmp.Compare(b.alone, a.alone) })
	return costs, nil
}

// distance is how far a model is from float32, or may be.
type distance struct {
	divergence float64
	agreement  float64 // share of texts with the same label; of scores 1
	loss       float64 // of the metric; of texts without labels 0
}

// within tells whether d is no further than the limits.
func (d distance) within(limits distance) bool {
	return d.divergence <= limits.divergence && d.agreement >= limits.agreement && d.loss <= limits.loss
}

// distance is that of the model with some products in int8, on all examples.
func (w *work) distance(ctx context.Context, float *problem.Outputs, in []model.Int8Product) (distance, error) {
	said, err := w.run(ctx, w.examples, in...)
	if err != nil {
		return distance{}, err
	}
	d := distance{divergence: float.Divergence(said), agreement: 1}
	if share, ok := float.Agreement(said); ok {
		d.agreement = share
	}
	if w.metric == "" {
		return d, nil
	}
	was, _, err := float.Score(w.metric)
	if err != nil {
		return d, err
	}
	is, _, err := said.Score(w.metric)
	d.loss = was - is
	return d, err
}

// run is what the model with some products in int8 says of examples.
func (w *work) run(ctx context.Context, examples []data.Encoded, in ...model.Int8Product) (*problem.Outputs, error) {
	pass, err := w.p.With(in...).Run(ctx, examples, 0, workers())
	if err != nil {
		return nil, err
	}
	return &pass.Outputs, nil
}

// without returns products but one.
func without(products []model.Int8Product, one model.Int8Product) []model.Int8Product {
	return slices.DeleteFunc(slices.Clone(products), func(p model.Int8Product) bool { return p.Layers[0] == one.Layers[0] })
}
