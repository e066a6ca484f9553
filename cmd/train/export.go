package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/retention"
)

// newExport is `train export`: a model as a file for other runtimes.
func newExport(a *app) *cobra.Command {
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
a calibrated model, by which the logits are divided already, and a tokenizer.json. The
file is read back, and the command says what it checked. With --optimum they and a config.json stand beside it, in a folder
that ORTModelForSequenceClassification.from_pretrained of optimum loads.`,
		Example: `  train export runs/demo/retrain --onnx demo.onnx
  train export runs/demo/retrain --optimum demo-onnx`,
		Args:              oneArgument("DIR", modelMeaning),
		ValidArgsFunction: completeDir,
	}
	file := c.Flags().String("onnx", "", "file to write, replaced if it is there")
	_ = c.MarkFlagFilename("onnx", "onnx") // fails only for an unknown flag
	folder := c.Flags().String("optimum", "", "folder to write as optimum loads it: model.onnx, config.json and tokenizer")
	_ = c.MarkFlagDirname("optimum")
	opset := c.Flags().Int("opset", infer.OldestOpset, fmt.Sprintf("version of ONNX's operators, %d to %d", infer.OldestOpset, infer.NewestOpset))
	budget := new(float64)
	withBudget(c.Flags(), budget)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := checkExport(*file, *folder, *opset); err != nil {
			return &usageError{c.CommandPath(), err}
		}
		if err := notARun("export", args[0]); err != nil {
			return err
		}
		write, to := infer.ExportAt, *file
		if *folder != "" {
			write, to = infer.ExportFolder, *folder
		}
		x, err := write(args[0], to, *opset, *budget)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(x)
		}
		return a.showExport(x)
	}
	return c
}

// checkExport reports flags that do not say what to write.
func checkExport(file, folder string, opset int) error {
	switch {
	case file == "" && folder == "":
		return errors.New("--onnx is missing, want the file to write, as model.onnx, or --optimum with a folder")
	case file != "" && folder != "":
		return errors.New("--onnx and --optimum are both given, want one of them")
	case opset < infer.OldestOpset || opset > infer.NewestOpset:
		return fmt.Errorf("--opset is %d, want %d to %d", opset, infer.OldestOpset, infer.NewestOpset)
	}
	return nil
}

// showExport shows what was written as text.
func (a *app) showExport(x *infer.Exported) error {
	return a.table(0, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %s%s, %.1f MB, opset %d\n\n", x.File, x.Model, budgetOf(x.Budget), float64(x.Bytes)/1e6, x.Opset)
		fmt.Fprintf(w, "inputs\t%s: int64 (batch, length), padded at the right\n", strings.Join(x.Inputs, ", "))
		fmt.Fprintf(w, "outputs\t%s: float32 (batch, %d)\n", strings.Join(x.Outputs, ", "), x.Width)
		fmt.Fprintf(w, "labels\t%s\n", strings.Join(x.Labels, ", "))
		if x.Temperature != 0 {
			fmt.Fprintf(w, "temperature\t%.4g, by which logits are divided\n", x.Temperature)
		}
		if r := x.Retention; r != nil {
			fmt.Fprintf(w, "kept\t%s of %d, %s ranks, by %s\n", strings.Trim(fmt.Sprint(r.Keep), "[]"), r.MaxLength, r.Ranks, keptBy(r))
		} else {
			fmt.Fprint(w, "kept\tevery word-vector: dense\n")
		}
		c := x.Checked
		fmt.Fprintf(w, "checked\tread back: %d operators, each after what it reads; %d tensors of %.1f M values, of the size that their shapes say and finite;\n"+
			"\t%d pieces of the tokenizer have an embedding each; inputs, outputs and metadata are those above\n", c.Operators, c.Tensors, float64(c.Values)/1e6, c.Pieces)
		fmt.Fprint(w, "not checked\tthe logits in a runtime: hold some against `train predict`\n")
	})
}

// keptBy says by what word-vectors are kept.
func keptBy(r *retention.Configuration) string {
	if r.Static() {
		return r.Strategy
	}
	return retention.Scored(r.Score)
}
