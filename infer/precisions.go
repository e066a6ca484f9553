package infer

import (
	"context"
	"encoding/hex"
	"path/filepath"
	"slices"
	"sync"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// Precisions is a trained model in float32, with what int8 makes of its products.
type Precisions struct {
	*Model
	Products []model.Int8Product // the table of words and all linear layers but that of the outputs
	dir      string
	scheme   string // of the products
}

// OpenPrecisions is Open of a directory of float32 weights, which it quantises beside.
func OpenPrecisions(dir string, maxLength int) (*Precisions, error) {
	loaded, err := model.LoadTrained[float32](dir)
	if err != nil {
		return nil, err
	}
	products, err := model.QuantizeProducts(loaded.Params, nil)
	if err != nil {
		return nil, &model.Error{Path: dir, Err: err}
	}
	m, err := open(dir, maxLength, loaded.Config, loaded.Params.Freeze())
	if err != nil {
		return nil, err
	}
	return &Precisions{m, products, dir, arch.SchemeInt8}, nil
}

// Smooth evens out what the products read, by what they read of some texts: bytes then tell
// more of it apart.
func (p *Precisions) Smooth(ctx context.Context, examples []data.Encoded, workers int) error {
	ranges, err := p.ranges(ctx, examples, workers)
	if err != nil {
		return err
	}
	loaded, err := model.LoadTrained[float32](p.dir)
	if err != nil {
		return err
	}
	if p.Products, err = model.QuantizeProducts(loaded.Params, ranges); err != nil {
		return &model.Error{Path: p.dir, Err: err}
	}
	p.scheme = arch.SchemeSmooth
	return nil
}

// ranges are those of what the products read of examples.
func (m *Model) ranges(ctx context.Context, examples []data.Encoded, workers int) ([]model.Range, error) {
	ranges := model.Ranges(m.Config)
	var lock sync.Mutex
	watched := m.over(model.Watch(m.weights, m.Config, func(product int, x []float32) {
		lock.Lock()
		defer lock.Unlock()
		ranges[product].See(x)
	}))
	_, err := watched.Run(ctx, examples, 0, workers)
	return ranges, err
}

// With returns the model with some products in int8.
func (p *Precisions) With(products ...model.Int8Product) *Model {
	return p.over(model.WithInt8(p.weights, products...))
}

// over returns the model over other weights.
func (m *Model) over(weights *model.Frozen[float32]) *Model {
	return &Model{Config: m.Config, Tokenizer: m.Tokenizer, maxLength: m.maxLength, weights: weights}
}

// Save writes the model of Precisions into a directory, in int8 but for the layers that are
// to stay in float32. It reads the weights again.
func (p *Precisions) Save(to string, float []string) error {
	loaded, err := model.LoadTrained[float32](p.dir)
	if err != nil {
		return err
	}
	digest, err := model.WeightsDigest(p.dir)
	if err != nil {
		return err
	}
	whole, err := filepath.Abs(p.dir)
	if err != nil {
		return err
	}
	c := loaded.Config
	words := c.Net().Embedding.Words.LayerName()
	layers := slices.DeleteFunc(append([]string{}, float...), func(name string) bool { return name == words })
	c.Quantization = &arch.Quantization{Scheme: p.scheme, Words: len(layers) == len(float), Float: layers,
		Source: filepath.Base(whole), SHA256: hex.EncodeToString(digest[:])}
	if err := tokenizer.Copy(to, p.dir); err != nil {
		return err
	}
	return model.SaveInt8(to, c, loaded.Params, p.Products)
}
