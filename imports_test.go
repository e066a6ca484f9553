// Package powerbert holds no code: its test is the architecture.
package powerbert

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/powerbert/powerbert/"

// arrows lists every package with the packages it may import: imports run
// downward only (ARCHITECTURE.md). A package that is missing here fails.
var arrows = map[string][]string{
	"cmd/train":                {"configs", "data", "data/inspect", "data/tokenizer", "experiments/compare", "experiments/paper", "experiments/report", "hub", "infer", "infer/serve", "infer/shares", "internal/atomicfile", "internal/machine", "internal/manifest", "internal/paths", "internal/ranks", "internal/text", "metric", "model", "pipeline", "pipeline/budget", "pipeline/estimate", "pipeline/rundir", "pipeline/train", "predict/mistakes", "problem", "quantize", "retention", "sweep"},
	"experiments/front":        {"data", "experiments/look", "experiments/look/plots", "experiments/peer", "experiments/report", "infer", "internal/machine", "internal/turns", "metric", "model", "pipeline/rundir", "quantize"},
	"experiments/int8":         {"experiments/peer", "internal/machine", "metric", "pipeline/rundir", "quantize"},
	"sweep":                    {"configs", "internal/atomicfile", "internal/manifest", "pipeline", "pipeline/rundir", "quantize"},
	"experiments/exptest":      {"configs", "data", "internal/atomicfile", "metric", "pipeline"},
	"experiments/paper":        {"configs", "data", "experiments/compare", "experiments/look", "experiments/look/plots", "experiments/report", "infer", "internal/atomicfile", "internal/text", "metric", "model", "model/arch", "pipeline", "pipeline/rundir", "pipeline/train", "retention"},
	"experiments/saving":       {"configs", "data", "experiments/peer", "experiments/report", "infer", "internal/atomicfile", "internal/text", "metric", "model", "pipeline", "pipeline/plan", "pipeline/rundir", "predict", "problem", "retention"},
	"experiments/windows":      {"configs", "data", "data/tokenizer", "experiments/peer", "experiments/report", "infer", "internal/atomicfile", "internal/kernel", "internal/machine", "internal/text", "internal/turns", "metric", "pipeline", "pipeline/rundir", "predict", "problem"},
	"quantize":                 {"configs", "data", "infer", "internal/atomicfile", "metric", "model", "model/arch", "pipeline", "pipeline/rundir", "problem"},
	"experiments/budgets":      {"experiments/peer", "experiments/trained", "infer", "internal/machine", "metric", "pipeline", "problem"},
	"experiments/factors":      {"experiments/peer", "experiments/trained", "internal/machine", "metric", "problem", "retention"},
	"experiments/trained":      {"configs", "data", "infer", "pipeline/rundir"},
	"experiments/serve":        {"data", "data/tokenizer", "experiments/peer", "infer", "internal/atomicfile", "internal/machine", "internal/turns", "metric", "model", "model/arch", "pipeline/rundir", "retention"},
	"experiments/serve/strain": {"data", "data/tokenizer", "experiments/peer", "internal/atomicfile", "internal/machine", "metric", "model", "model/arch"},
	"experiments/speed":        {"data", "data/tokenizer", "experiments/peer", "infer", "internal/atomicfile", "internal/kernel", "internal/machine", "internal/turns", "metric", "model", "model/arch", "pipeline/rundir", "pipeline/train", "problem", "retention"},
	"pipeline":                 {"configs", "data", "data/inspect", "data/tokenizer", "hub", "internal/atomicfile", "internal/manifest", "internal/tfevents", "internal/turns", "metric", "model", "model/arch", "pipeline/budget", "pipeline/estimate", "pipeline/plan", "pipeline/rundir", "pipeline/train", "predict", "predict/mistakes", "problem", "retention"},
	"experiments/peer":         {"data", "infer", "internal/atomicfile"},
	"experiments/report":       {"configs", "data", "data/inspect", "experiments/look", "infer", "internal/atomicfile", "internal/machine", "internal/text", "metric", "pipeline/rundir", "predict/mistakes", "problem", "retention"},
	"infer/serve":              {"data", "infer", "internal/kernel"},
	"pipeline/estimate":        {"configs", "data", "data/tokenizer", "internal/kernel", "internal/text", "metric", "model", "model/arch", "pipeline/plan", "pipeline/rundir", "pipeline/train", "predict", "retention"},
	"infer":                    {"data", "data/tokenizer", "internal/atomicfile", "internal/kernel", "internal/onnx", "internal/turns", "metric", "model", "model/arch", "predict", "problem", "retention"},
	"pipeline/train":           {"data", "internal/kernel", "internal/ranks", "metric", "model", "model/arch", "optim", "pipeline/plan", "pipeline/rundir", "predict", "problem", "retention"},
	"experiments/compare":      {"configs", "metric", "pipeline/rundir"},
	"predict":                  {"data", "internal/kernel", "model", "model/arch", "problem"},
	"model":                    {"internal/atomicfile", "internal/kernel", "internal/manifest", "internal/ops", "internal/paths", "internal/safetensors", "internal/torchfile", "layers", "loss", "model/arch", "problem", "retention"},
	"pipeline/budget":          {"configs", "retention"},
	"pipeline/plan":            {"configs", "data", "internal/kernel", "optim"},
	"pipeline/rundir":          {"configs", "internal/atomicfile", "internal/manifest", "internal/paths", "metric", "model/arch"},
	"configs":                  {"data", "internal/atomicfile", "internal/kernel", "internal/paths", "model/arch", "problem", "retention"},
	"data/inspect":             {"data", "data/shingles", "data/tokenizer"},
	"data/shingles":            {},
	"infer/shares":             {"data", "internal/atomicfile", "internal/manifest"},
	"layers":                   {"internal/kernel", "internal/ops", "model/arch", "retention"},
	"loss":                     {"internal/kernel", "internal/ops", "problem", "retention"},
	"model/arch/archtest":      {"model/arch", "problem"},
	"predict/mistakes":         {"data", "metric", "problem"},
	"data":                     {"data/shingles", "data/tokenizer", "internal/atomicfile", "internal/paths", "metric", "problem"},
	"internal/ops":             {"internal/kernel", "retention"},
	"model/arch":               {"problem", "retention"},
	"data/tokenizer":           {"internal/atomicfile", "internal/manifest", "internal/paths", "internal/wire"},
	"optim":                    {"internal/kernel"},
	"problem":                  {"internal/kernel", "metric"},
	"retention":                {"internal/kernel"},
	"experiments/look/plots":   {"experiments/look"},
	"hub":                      {"internal/atomicfile", "internal/paths"},
	"internal/kernel":          {"internal/kernel/openblas"},
	"internal/manifest":        {"internal/atomicfile"},
	"internal/mutants":         {"internal/atomicfile"},
	"internal/onnx":            {"internal/wire"},
	"internal/ranks/rankstest": {"internal/ranks"},
	"internal/tfevents":        {"internal/wire"},
	"internal/torchfile":       {"internal/pickle", "internal/safetensors"},
	"experiments/look":         {},
	"hub/hubtest":              {},
	"internal/atomicfile":      {},
	"internal/gradcheck":       {},
	"internal/kernel/openblas": {},
	"internal/machine":         {},
	"internal/paths":           {},
	"internal/pickle":          {},
	"internal/ranks":           {},
	"internal/release":         {},
	"internal/safetensors":     {},
	"internal/text":            {},
	"internal/turns":           {},
	"internal/wire":            {},
	"metric":                   {},
}

// only lists the rooms that may know a library, by the beginning of its path.
var only = map[string][]string{
	"gorgonia.org/":          {"internal/gradcheck", "internal/ops"},
	"go.yaml.in/":            {"configs", "sweep"},
	"github.com/spf13/viper": {"configs"},
	"github.com/spf13/cobra": {"cmd/train"},
	"github.com/schollz/":    {"cmd/train"},
	"github.com/gofrs/":      {"hub", "pipeline/rundir"},
	"github.com/nlpodyssey/": {"internal/safetensors"},
	"google.golang.org/":     {"data/tokenizer", "internal/onnx", "internal/tfevents", "internal/wire"},
	"github.com/rivo/":       {"data/tokenizer"},
	"github.com/prometheus/": {"infer/serve"},
	"github.com/klauspost/":  {"data"},
	"github.com/parquet-go/": {"data"},
	"gonum.org/v1/plot":      {"experiments/front", "experiments/look/plots", "experiments/paper"},
}

// Tests may reach further than the code they test, so they are left out.
func TestImportsRunDownward(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && path != "." {
			if _, other := os.Stat(filepath.Join(path, "go.mod")); other == nil {
				return fs.SkipDir // a module of its own
			}
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		from := filepath.ToSlash(filepath.Dir(path))
		seen[from] = true
		allowed, listed := arrows[from]
		if !listed {
			t.Errorf("%s: package %s has no row in the table of arrows", path, from)
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if inside, ok := strings.CutPrefix(to, module); ok && !slices.Contains(allowed, inside) {
				t.Errorf("%s: %s must not import %s", path, from, inside)
			}
			for library, rooms := range only {
				if strings.HasPrefix(to, library) && !slices.Contains(rooms, from) {
					t.Errorf("%s: %s must not know %s", path, from, to)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for from := range arrows {
		if !seen[from] {
			t.Errorf("the table of arrows has a row for %s, which is not there", from)
		}
	}
}
