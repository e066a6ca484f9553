package infer

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/onnx"
	"github.com/powerbert/powerbert/internal/wire"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// What is read of some texts is what sets the grids: no product's inputs are cut off in
// those texts, and the widest is at an end.
func TestGridsSpanWhatIsRead(t *testing.T) {
	dir := saveTiny(t, &relative)
	m, err := Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	examples, _ := encoded(m, 37)
	g, err := m.Grids(t.Context(), dir, examples, 2)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(model.Ranges(m.Config)); len(g.Products) != n || g.Products[0].Words == nil {
		t.Errorf("%d products, want %d: the words' and all but the head's", len(g.Products), n)
	}
	ranges, err := m.ranges(t.Context(), examples, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range g.Products[1:] {
		s := p.Static
		lo, hi := -float32(s.Grid.Zero)*s.Grid.Scale, (255-float32(s.Grid.Zero))*s.Grid.Scale
		least, most := float32(0), float32(0)
		for k, f := range s.Factors {
			least, most = min(least, ranges[i].Low[k]*f), max(most, ranges[i].High[k]*f)
		}
		if step := s.Grid.Scale; least < lo-step || most > hi+step || (hi-lo)-(most-least) > step {
			t.Errorf("%s reads %g to %g, on a grid from %g to %g", p.Layers[0], least, most, lo, hi)
		}
	}
	if float, err := m.Run(t.Context(), examples, 0, 1); err != nil {
		t.Fatal(err)
	} else if said, err := g.With(g.Products...).Run(t.Context(), examples, 0, 1); err != nil || reflect.DeepEqual(said.Outputs, float.Outputs) {
		t.Errorf("on grids it says what float32 does (%v)", err)
	}
}

// A product of bytes is Mul, QuantizeLinear, DequantizeLinear twice and MatMul, its weights
// are 8-bit integers, and the metadata name its layers; the others are as they were.
func TestExportOfGrids(t *testing.T) {
	dir := saveTiny(t, &relative)
	m, err := Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	examples, _ := encoded(m, 5)
	g, err := m.Grids(t.Context(), dir, examples, 1)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	float, err := Export(dir, filepath.Join(folder, "float.onnx"), 0)
	if err != nil {
		t.Fatal(err)
	}
	one := g.Products[1]
	x, err := g.ExportFolder(filepath.Join(folder, "int8"), 18, one)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(x.Int8, one.Layers) || x.Opset != 18 || x.Checked.Operators != float.Checked.Operators+4 || x.Checked.Values <= float.Checked.Values {
		t.Errorf("%v in int8, opset %d, %d operators; want %v, 18, 4 more than %d", x.Int8, x.Opset, x.Checked.Operators, one.Layers, float.Checked.Operators)
	}
	if !slices.Contains(x.Checked.Metadata, "int8") || slices.Contains(float.Checked.Metadata, "int8") {
		t.Errorf("metadata are %q, of float32 %q", x.Checked.Metadata, float.Checked.Metadata)
	}
	if kinds := kindsIn(t, x.File); kinds[onnx.Int8] != 1 || kinds[onnx.Uint8] != 1 {
		t.Errorf("tensors by type %v, want one of int8 and one of uint8", kinds)
	}
	// The table of words is looked up in bytes: Gather twice, Cast and Mul in the place of Gather.
	x, err = g.ExportFolder(filepath.Join(folder, "words"), 0, g.Products[0])
	if err != nil {
		t.Fatal(err)
	}
	kinds := kindsIn(t, x.File)
	if words := m.Config.Net().Embedding.Words; !slices.Equal(x.Int8, []string{words.LayerName()}) || x.Checked.Operators != float.Checked.Operators+3 ||
		x.Checked.Values != float.Checked.Values+words.Rows || kinds[onnx.Int8] != 1 || x.Bytes >= float.Bytes {
		t.Errorf("%v in int8, %d operators and %d values of %+v, tensors by type %v", x.Int8, x.Checked.Operators, x.Checked.Values, float.Checked, kinds)
	}
}

// kindsIn counts the tensors of a file by their type.
func kindsIn(t *testing.T, file string) map[onnx.Kind]int {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[onnx.Kind]int{}
	for _, tensor := range messages(t, messages(t, content, 7)[0], 5) {
		err := wire.Fields(tensor, func(field protowire.Number, v wire.Field) error {
			if field == 2 { // data_type
				kinds[onnx.Kind(v.Number)]++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return kinds
}

// A directory of int8 weights is exported, too: what it has left in float32 stays there,
// and nothing of int8 is in the config.json beside the file.
func TestGridsOfInt8(t *testing.T) {
	p, err := OpenPrecisions(saveTiny(t, nil), length)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "int8")
	if err := p.Save(out, p.Products[2].Layers); err != nil {
		t.Fatal(err)
	}
	m, err := Open(out, length)
	if err != nil {
		t.Fatal(err)
	}
	examples, _ := encoded(m, 23)
	g, err := m.Grids(t.Context(), out, examples, 1)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(g.Products, func(q model.Int8Product) bool { return q.Layers[0] == p.Products[2].Layers[0] }) || len(g.Products) != len(p.Products)-2 {
		t.Errorf("%d products, want %d without %v", len(g.Products), len(p.Products)-2, p.Products[2].Layers)
	}
	folder := t.TempDir()
	if _, err := g.ExportFolder(folder, 0, g.Products...); err != nil {
		t.Fatal(err)
	}
	c, err := model.ReadConfig(folder)
	if err != nil || c.Quantization != nil || c.ModelType != arch.BERT {
		t.Errorf("config.json says %+v (%v)", c.Quantization, err)
	}
	float, err := p.Run(t.Context(), examples, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	said, err := g.With(g.Products...).Run(t.Context(), examples, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if d := float.Outputs.Divergence(&said.Outputs); !(d > 0 && d < 0.05) {
		t.Errorf("it is %g nats from float32", d)
	}
}

// Grids are of finite numbers, and of a directory that holds the model.
func TestGridsErrors(t *testing.T) {
	dir := saveTiny(t, nil)
	m, err := Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	examples, _ := encoded(m, 2)
	if _, err := m.Grids(t.Context(), t.TempDir(), examples, 1); err == nil {
		t.Error("an empty directory is taken")
	}
	g, err := m.Grids(t.Context(), dir, []data.Encoded{examples[0]}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Export(filepath.Join(t.TempDir(), "none", "model.onnx"), 0); err == nil {
		t.Error("a folder that is not there is written to")
	}
	if _, err := g.Export(filepath.Join(t.TempDir(), "model.onnx"), 16); err == nil {
		t.Error("opset 16 is taken")
	}
}
