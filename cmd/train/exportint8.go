package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/quantize"
)

// aboutInt8Export is what the help of `train export` says of --int8.
const aboutInt8Export = `With --int8 the weights of linear layers are 8-bit integers, and QuantizeLinear and
DequantizeLinear around the products let ONNX Runtime and OpenVINO multiply bytes;
the table of words is one of bytes.
DIR is in float32, or in int8 as train quantize wrote it. What a product reads has the
same scale in all texts, so some are needed for it: up to 256 of the experiment's dev
set, or of --data. All of them are run by DIR and by the arithmetic of the file,
as this program does it, and the command shows the metric of both, how many labels
agree, and how far probabilities move. The layers that cost most stay in float32 until
the divergence is within --bound (train quantize says what that is), 98.5 % of the
labels agree and the metric loses at most 0.003.`

// onlyInt8 refuses flags that --int8 alone has a use for.
func onlyInt8(c *cobra.Command) error {
	for _, name := range []string{"data", "unlabelled", "text", "label", "bound"} {
		if c.Flags().Changed(name) {
			return usagef("export", "--%s is given without --int8, which alone compares", name)
		}
	}
	return nil
}

// exportInt8 is `train export --int8`.
func (a *app) exportInt8(ctx context.Context, j quantize.Export) error {
	if err := checkTexts("export", &j.Texts); err != nil {
		return err
	}
	if err := checkBound("export", j.Bound); err != nil {
		return err
	}
	length, err := textLength("export", j.Dir, 0)
	if err != nil {
		return err
	}
	j.Length, j.Log = length, slog.Default()
	x, err := j.Run(ctx)
	if err != nil {
		return lacking("export", err)
	}
	return a.show(x, 0, func(w io.Writer) {
		writeExport(w, x.Exported)
		writeCompared(w, x)
	})
}

// writeCompared shows how far the file is from the model.
func writeCompared(w io.Writer, x *quantize.Exported) {
	c := x.Comparison
	fmt.Fprintf(w, "int8\t%d of %d products; scales by %d texts\n", c.Products-len(c.Left), c.Products, x.Calibrated)
	fmt.Fprintf(w, "compared\ton %s, %d texts: the file's arithmetic as this program does it (kernel %s) with %s\n", c.Data, c.Examples, c.Kernel, c.Dir)
	lines := moves(c)
	if c.Metric != "" {
		lines = append([]string{fmt.Sprintf("%s %.4f, of the model %.4f", c.Metric, *c.Int8.Value, *c.Float32.Value)}, lines...)
	}
	lines = append(lines, fmt.Sprintf("divergence %.2g nats, bound %.2g", c.Divergence, c.Bound))
	for _, line := range append(lines, picksAndLayers(c)...) {
		fmt.Fprintf(w, "\t%s\n", strings.TrimSuffix(line, "\n"))
	}
}
