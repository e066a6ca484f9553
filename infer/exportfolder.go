package infer

import (
	"os"
	"path/filepath"

	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
)

// exportedName is what optimum calls the ONNX file of a folder.
const exportedName = "model.onnx"

// ExportFolder is ExportAt into a folder, which it makes if need be, as optimum's
// ORTModelForSequenceClassification loads it: model.onnx, the tokenizer, and a config.json
// of the model's family. What takes word-vectors out and divides by a temperature is the
// graph alone, so that this says nothing of either and no code of ours is needed.
func ExportFolder(dir, folder string, opset int, budget float64) (*Exported, error) {
	return exportFolder(dir, folder, func(file string) (*Exported, error) { return ExportAt(dir, file, opset, budget) })
}

// exportFolder is ExportFolder of what export makes a file of.
func exportFolder(dir, folder string, export func(file string) (*Exported, error)) (*Exported, error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	x, err := export(filepath.Join(folder, exportedName))
	if err != nil {
		return nil, err
	}
	c, err := model.ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	c.Thresholds, c.Temperature = c.SaidFrom(), 0 // the graph divides by it
	c.PowerRetention, c.Budgets, c.Quantization = nil, nil, nil
	c.SetClassifier()
	if err := model.SaveConfig(folder, c); err != nil {
		return nil, err
	}
	return x, tokenizer.Copy(folder, dir)
}
