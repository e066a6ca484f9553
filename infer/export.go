package infer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/onnx"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// The versions of ONNX's operators that Export writes.
const (
	OldestOpset = onnx.Oldest
	NewestOpset = onnx.Newest
)

// Exported is what Export wrote.
type Exported struct {
	Model       string                   `json:"model"` // directory
	File        string                   `json:"onnx"`
	Bytes       int64                    `json:"bytes"`
	Opset       int                      `json:"opset"`
	Inputs      []string                 `json:"inputs"`       // (batch, length) each
	Outputs     []string                 `json:"outputs"`      // (batch, Width)
	Width       int                      `json:"width"`        // of the outputs: classes, or 1
	Problem     problem.Kind             `json:"problem_type"` // which the metadata have, too
	Labels      []string                 `json:"labels"`
	Thresholds  []float64                `json:"thresholds,omitempty"`        // of labels that are each by itself: the least probability of each that is said; nil: 1/2
	MaxLength   int                      `json:"max_length"`                  // tokens of a text at most
	Window      *problem.Window          `json:"window,omitempty"`            // of longer texts, each window by itself; nil: they are cut
	Retention   *retention.Configuration `json:"power_retention,omitempty"`   // nil: dense
	Budget      float64                  `json:"budget,omitempty"`            // which of the model's it is at; 0: it has one configuration
	Temperature float64                  `json:"power_temperature,omitempty"` // that logits have been divided by; 0: none
	Int8        []string                 `json:"int8,omitempty"`              // linear layers whose product is one of bytes, and the table of words that is one; nil: none
	Checked     *Checked                 `json:"checked"`
}

// How to use an exported model, for whoever opens the file, after what it is.
const aboutExport = ` by powerbert. Its metadata has "problem_type" (single_label_classification: logits has a column for each label; ` +
	`multi_label_classification: the sigmoid of each is the probability of its label, whatever the others'; ` +
	`regression: logits is the score, or has a column for each; multiple_choice: logits is that of one option, and those of an example's options are compared), ` +
	`"labels" (by class, or of the options), "thresholds" (of multi_label_classification: the probability from which on each label is said, 0.5 where there are none), "max_length" (tokens of a text at most), "window" (where longer texts are divided: how many tokens windows share, and whether the mean or the largest probability counts), ` +
	`"power_retention" (where word-vectors are removed), "power_temperature" (by which logits are divided already, so that probabilities are calibrated), "int8" (the linear layers that are products of bytes and the table of words that is one of bytes, if any) and "tokenizer.json" (for the tokenizers library). ` +
	`input_ids is what the tokenizer makes of a text or a pair, as [CLS] text [SEP] second text [SEP]; token_type_ids, where it is an input, is 1 from the second text on. ` +
	`Shorter texts of a batch are padded at the right with id 0, where attention_mask is 0.`

// Export writes the model of a directory as an ONNX file, for batches and texts of
// any size. It makes the logits that this package makes, removing the word-vectors
// that the model's retention configuration removes. Its operators are those of
// version opset; 0: OldestOpset. The file replaces its old version whole, and is read
// back: Exported.Checked.
func Export(dir, file string, opset int) (*Exported, error) {
	return ExportAt(dir, file, opset, 0)
}

// ExportAt is Export of a model at one of its budgets: the largest that is no more than
// budget, as Model.At has it; 0: the largest, or the one configuration that it has.
func ExportAt(dir, file string, opset int, budget float64) (*Exported, error) {
	loaded, err := model.LoadTrained[float32](dir)
	if err != nil {
		return nil, err
	}
	return export(dir, file, opset, budget, loaded, nil)
}

// export is ExportAt of a model that was read from the directory, with some of its products,
// on grids, in int8.
func export(dir, file string, opset int, budget float64, loaded *model.Loaded[float32], products []model.Int8Product) (*Exported, error) {
	opset = cmp.Or(opset, OldestOpset)
	if opset < OldestOpset || opset > NewestOpset {
		return nil, fmt.Errorf("opset is %d, want %d to %d", opset, OldestOpset, NewestOpset)
	}
	tok, err := tokenizerOf(dir, &loaded.Config)
	if err != nil {
		return nil, err
	}
	c := loaded.Config
	if budget, err = c.AtBudget(budget); err != nil {
		return nil, &model.Error{Path: dir, Err: err}
	}
	e := newExporter(c, loaded.Params, products...)
	if e.err != nil {
		return nil, &model.Error{Path: dir, Err: e.err}
	}
	x := &Exported{Model: dir, File: file, Opset: opset, Inputs: e.named, Outputs: []string{"logits"}, Width: c.Outputs(), Problem: c.Problem(),
		Labels: c.Labels(), Thresholds: c.SaidFrom(), MaxLength: c.Longest(), Window: c.Window, Retention: c.PowerRetention, Budget: budget, Temperature: c.Temperature}
	meant, err := model.MeantLength(dir, &c)
	if err != nil {
		return nil, err
	}
	x.MaxLength = cmp.Or(meant, x.MaxLength)
	for _, p := range products {
		x.Int8 = append(x.Int8, p.Layers...)
	}
	if w := c.Window; w != nil {
		x.MaxLength = w.MaxLength
	}
	if r := c.PowerRetention; r != nil {
		x.MaxLength = r.MaxLength
	}
	m := onnx.Model{Graph: e.Graph, Opset: opset, Name: "powerbert", Doc: "This is " + c.Family().Title + aboutExport}
	if m.Metadata, err = x.metadata(tok); err != nil {
		return nil, err
	}
	laidOut, err := m.File()
	if err != nil {
		return nil, &model.Error{Path: dir, Err: err}
	}
	x.Bytes = laidOut.Size
	err = atomicfile.WriteWith(file, func(w io.Writer) error {
		_, err := laidOut.WriteTo(w)
		return err
	})
	if err != nil {
		return nil, err
	}
	return x, x.check(m.Metadata, tok)
}

// metadata is what a program that runs the file has to know.
func (x *Exported) metadata(tok tokenizer.Tokenizer) (map[string]string, error) {
	text, err := tok.JSON()
	if err != nil {
		return nil, err
	}
	values := map[string]any{"labels": x.Labels}
	if x.Thresholds != nil {
		values["thresholds"] = x.Thresholds
	}
	if x.Window != nil {
		values["window"] = x.Window
	}
	if x.Retention != nil {
		values["power_retention"] = x.Retention
	}
	if x.Temperature != 0 {
		values["power_temperature"] = x.Temperature
	}
	if x.Int8 != nil {
		values["int8"] = x.Int8
	}
	data := map[string]string{"tokenizer.json": string(text), "max_length": strconv.Itoa(x.MaxLength), "problem_type": string(x.Problem)}
	for key, value := range values {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		data[key] = string(text)
	}
	return data, nil
}
