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

// exportFlags are the flags of `train export`.
type exportFlags struct {
	quantize.Export
	int8   bool
	budget float64
}

// newExport is `train export`: a model as a file for other runtimes.
func newExport(a *app) *cobra.Command {
	var f exportFlags
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
	f.register(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		f.Dir = args[0]
		return a.export(c, f)
	}
	return c
}

// register adds the flags to the command.
func (f *exportFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.File, "onnx", "", "file to write, replaced if it is there")
	_ = c.MarkFlagFilename("onnx", "onnx") // fails only for an unknown flag
	flags.StringVar(&f.Folder, "optimum", "", "folder to write as optimum loads it: model.onnx, config.json and tokenizer")
	_ = c.MarkFlagDirname("optimum")
	flags.IntVar(&f.Opset, "opset", infer.OldestOpset, fmt.Sprintf("version of ONNX's operators, %d to %d", infer.OldestOpset, infer.NewestOpset))
	flags.BoolVar(&f.int8, "int8", false, "write linear layers as products of bytes, and compare with the model")
	compared(c, &f.Texts, &f.Bound)
	withBudget(flags, &f.budget)
}

// export writes the model in the precision and the form that the flags name.
func (a *app) export(c *cobra.Command, f exportFlags) error {
	if err := f.check(); err != nil {
		return &usageError{c.CommandPath(), err}
	}
	if err := wantModel("export", f.Dir); err != nil {
		return err
	}
	if err := checkBudget("export", f.Dir, f.budget); err != nil {
		return err
	}
	if f.int8 && f.budget != 0 {
		return usagef("export", "--budget and --int8 are both given, but a file in int8 has the largest budget; leave one out")
	}
	if f.int8 {
		return a.exportInt8(c.Context(), f.Export)
	}
	if err := onlyInt8(c); err != nil {
		return err
	}
	x, err := f.float()
	if err != nil {
		return err
	}
	return a.show(x, 0, func(w io.Writer) { writeExport(w, x) })
}

// float writes the model in float32, at a budget.
func (f *exportFlags) float() (*infer.Exported, error) {
	if f.Folder != "" {
		return infer.ExportFolder(f.Dir, f.Folder, f.Opset, f.budget)
	}
	return infer.ExportAt(f.Dir, f.File, f.Opset, f.budget)
}

// check reports flags that do not say what to write.
func (f *exportFlags) check() error {
	switch {
	case f.File == "" && f.Folder == "":
		return errors.New("--onnx is missing, want the file to write, as model.onnx, or --optimum with a folder")
	case f.File != "" && f.Folder != "":
		return errors.New("--onnx and --optimum are both given, want one of them")
	case f.Opset < infer.OldestOpset || f.Opset > infer.NewestOpset:
		return fmt.Errorf("--opset is %d, want %d to %d", f.Opset, infer.OldestOpset, infer.NewestOpset)
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

// writeDecisions says how logits become answers: what of it the file does, and what is left
// to whoever runs it.
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
