package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/quantize"
	"github.com/powerbert/powerbert/retention"
)

// newExport is `train export`: a model as a file for other runtimes.
func newExport(a *app) *cobra.Command {
	j, int8 := quantize.Export{}, false
	c := &cobra.Command{
		Use:   "export DIR --onnx FILE | --optimum FOLDER",
		Short: "Write a model as ONNX, word-vector removal included",
		Long: `Export writes a stage's model, or any classifier of a known family in a Hugging Face directory,
as one ONNX file for ONNX Runtime and others. Its inputs are input_ids,
attention_mask and token_type_ids, int64 (batch, length), of any batch and length,
padded at the right; its output is logits (batch, classes). Of a regression it is
the score (batch, 1), and of multiple choice the logit of one option (batch, 1).

A model with a retention configuration takes word-vectors out inside the graph, as
it does here. As tensors are rectangular, a batch keeps as many rows as the sequence
that keeps most. The weights r of a search are not exported: its model is dense.

The file's metadata hold the labels, the retention configuration, the temperature of
a calibrated model, by which the logits are divided already, thresholds and windows,
which are for who runs the file, and a tokenizer.json. The command says which there are.
The file is read back, and the command says what it checked. With --optimum they and a
config.json stand beside it, in a folder that ORTModelForSequenceClassification of
optimum loads by from_pretrained; what optimum does not know, thresholds and windows,
it does not do.

` + aboutInt8Export,
		Example: `  train export runs/demo/retrain --onnx demo.onnx
  train export runs/demo/retrain --optimum demo-onnx
  train export runs/demo/retrain --onnx demo-int8.onnx --int8`,
		Args:              oneArgument("DIR", modelMeaning),
		ValidArgsFunction: completeDir,
	}
	flags := c.Flags()
	flags.StringVar(&j.File, "onnx", "", "file to write, replaced if it is there")
	_ = c.MarkFlagFilename("onnx", "onnx") // fails only for an unknown flag
	flags.StringVar(&j.Folder, "optimum", "", "folder to write as optimum loads it: model.onnx, config.json and tokenizer")
	_ = c.MarkFlagDirname("optimum")
	flags.IntVar(&j.Opset, "opset", infer.OldestOpset, fmt.Sprintf("version of ONNX's operators, %d to %d", infer.OldestOpset, infer.NewestOpset))
	flags.BoolVar(&int8, "int8", false, "write linear layers as products of bytes, and compare with the model")
	compared(c, &j.Texts, &j.Bound)
	budget := new(float64)
	withBudget(flags, budget)
	c.RunE = func(c *cobra.Command, args []string) error {
		j.Dir = args[0]
		if err := checkExport(&j); err != nil {
			return &usageError{c.CommandPath(), err}
		}
		if err := wantModel("export", j.Dir); err != nil {
			return err
		}
		if err := checkBudget("export", j.Dir, *budget); err != nil {
			return err
		}
		if int8 && *budget != 0 {
			return usagef("export", "--budget and --int8 are both given, but a file in int8 has the largest budget; leave one out")
		}
		if int8 {
			return a.exportInt8(c.Context(), j)
		}
		if err := onlyInt8(c); err != nil {
			return err
		}
		x, err := exportFloat(&j, *budget)
		if err != nil {
			return err
		}
		return a.show(x, 0, func(w io.Writer) { writeExport(w, x) })
	}
	return c
}

// exportFloat writes the model in float32, at a budget.
func exportFloat(j *quantize.Export, budget float64) (*infer.Exported, error) {
	if j.Folder != "" {
		return infer.ExportFolder(j.Dir, j.Folder, j.Opset, budget)
	}
	return infer.ExportAt(j.Dir, j.File, j.Opset, budget)
}

// checkExport reports flags that do not say what to write.
func checkExport(j *quantize.Export) error {
	switch {
	case j.File == "" && j.Folder == "":
		return errors.New("--onnx is missing, want the file to write, as model.onnx, or --optimum with a folder")
	case j.File != "" && j.Folder != "":
		return errors.New("--onnx and --optimum are both given, want one of them")
	case j.Opset < infer.OldestOpset || j.Opset > infer.NewestOpset:
		return fmt.Errorf("--opset is %d, want %d to %d", j.Opset, infer.OldestOpset, infer.NewestOpset)
	}
	return nil
}

// writeExport shows what was written as text.
func writeExport(w io.Writer, x *infer.Exported) {
	fmt.Fprintf(w, "%s: %s%s, %.1f MB, opset %d\n\n", x.File, x.Model, budgetOf(x.Budget), float64(x.Bytes)/1e6, x.Opset)
	fmt.Fprintf(w, "inputs\t%s: int64 (batch, length), padded at the right\n", strings.Join(x.Inputs, ", "))
	fmt.Fprintf(w, "outputs\t%s: float32 (batch, %d)\n", strings.Join(x.Outputs, ", "), x.Width)
	fmt.Fprintf(w, "labels\t%s\n", strings.Join(x.Labels, ", "))
	writeDecisions(w, x)
	if r := x.Retention; r != nil {
		fmt.Fprintf(w, "kept\t%s of %d, %s ranks, by %s\n", text.List(r.Keep), r.MaxLength, r.Ranks, keptBy(r))
	} else {
		fmt.Fprint(w, "kept\tevery word-vector: dense\n")
	}
	c := x.Checked
	fmt.Fprintf(w, "checked\tread back: %d operators, each after what it reads; %d tensors of %.1f M values, of the size that their shapes say and finite;\n"+
		"\t%d pieces of the tokenizer have an embedding each; inputs, outputs and metadata are those above\n", c.Operators, c.Tensors, float64(c.Values)/1e6, c.Pieces)
	fmt.Fprint(w, "not checked\tthe logits in a runtime: hold some against `train predict`\n")
}

// writeDecisions says what of the model that turns logits into answers is in the file, and
// what is left to who runs it.
func writeDecisions(w io.Writer, x *infer.Exported) {
	if x.Temperature != 0 {
		fmt.Fprintf(w, "temperature\t%.4g, by which logits are divided\n", x.Temperature)
	} else if x.Problem.Probable() {
		fmt.Fprint(w, "temperature\tnone: the model is not calibrated\n")
	}
	switch {
	case !x.Problem.Several():
	case x.Thresholds == nil:
		fmt.Fprint(w, "thresholds\tnone: each label is said from 0.5 on, the sigmoid of its logit\n")
	default:
		var list []string
		for i, p := range x.Thresholds {
			list = append(list, fmt.Sprintf("%s %.3g", x.Labels[i], p))
		}
		fmt.Fprintf(w, "thresholds\t%s, in the metadata: from there on each label is said, the sigmoid of its logit\n", strings.Join(list, ", "))
	}
	if win := x.Window; win != nil {
		fmt.Fprintf(w, "windows\tof %d tokens, which share %d, joined by the %s, in the metadata: the graph reads one, and who runs it divides and joins\n", win.MaxLength, win.Stride, win.Join)
	} else {
		fmt.Fprintf(w, "windows\tnone: longer texts are cut to %d tokens before the graph\n", x.MaxLength)
	}
}

// keptBy says by what word-vectors are kept.
func keptBy(r *retention.Configuration) string {
	if r.Static() {
		return r.Strategy
	}
	return retention.Scored(r.Score)
}
