package infer

import (
	"context"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
)

// Grids is a trained model with what it would be if its products read bytes on grids that
// are the same for all texts, which is all that the int8 kernels of ONNX Runtime and
// OpenVINO have in common. Products are the table of words and all linear layers but the
// head's, which reads a row of each text, and those that a directory of int8 weights has left
// in float32.
// With runs them here, to the sums of those runtimes.
type Grids struct {
	Precisions
	loaded *model.Loaded[float32]
}

// Grids returns what the model, which is that of a directory, would be on grids as wide as
// what the examples make its products read.
func (m *Model) Grids(ctx context.Context, dir string, examples []data.Encoded, workers int) (*Grids, error) {
	ranges, err := m.ranges(ctx, examples, workers)
	if err != nil {
		return nil, err
	}
	loaded, err := model.LoadWeights(dir)
	if err != nil {
		return nil, err
	}
	products, err := model.StaticProducts(loaded.Params, ranges)
	if err != nil {
		return nil, &model.Error{Path: dir, Err: err}
	}
	float := []string{m.Config.Net().Head.Dense.Name}
	float = append(float, m.Config.Net().FloatLayers(m.Config.Quantization)...)
	products = slices.DeleteFunc(products, func(p model.Int8Product) bool { return slices.Contains(float, p.Layers[0]) })
	return &Grids{Precisions{Model: m, Products: products, dir: dir}, loaded}, nil
}

// Export is Export of the model with some of the products in int8.
func (g *Grids) Export(file string, opset int, products ...model.Int8Product) (*Exported, error) {
	return export(g.dir, file, opset, 0, g.loaded, products)
}

// ExportFolder is ExportFolder of the model with some of the products in int8.
func (g *Grids) ExportFolder(folder string, opset int, products ...model.Int8Product) (*Exported, error) {
	return exportFolder(g.dir, folder, func(file string) (*Exported, error) { return g.Export(file, opset, products...) })
}
