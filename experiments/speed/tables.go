package main

import (
	"fmt"
	"strings"
)

const notes = `
- Weights are random, vocabulary 30522; nothing is padded. base: 12 encoders of 768. mini: 6 of 384. small: 12 of 128. BxN: B sequences of N word-vectors.
- power: of 128 word-vectors the encoders keep %v, of other lengths as much in proportion; of 6 encoders each keeps what the second of two does there. All sides gather early: rows leave right after the attention probabilities. ONNX Runtime and OpenVINO run the file of train export, which like ours computes the last encoder for [CLS] alone; PyTorch computes it for every word-vector that is kept.
- ratio: time of ours over time of the peer, below 1 where ours is faster; the median over the turns, with the interval that the sign test gives it. A winner is named where the interval leaves out 1.
- Precisions: int8 of ours is train quantize's, of ONNX Runtime quantize_dynamic per channel, of OpenVINO NNCF's with SmoothQuant; "of our export" is the file of train export --int8. Embeddings, LayerNorm and softmax are in float32, or bfloat16 where that is said. PyTorch's bfloat16 is autocast, weights cast once.
- Ways: PyTorch with plain or packed weights, the others with one request on all cores or a stream on each, whichever was faster when it was tried.
- diff: largest absolute difference of the logits from ours in float32, of a step's objective over all steps. In float32 more than %.0e is an error. Of others the mean divergence of probabilities may be %g nats; a peer beyond it is marked with * and wins nothing.
- GFLOP/s: two per multiply-add that ours executes in its encoders; a backward pass counts as two forward passes. share: GFLOP/s of the whole model over those of its products with weights alone, by oneDNN (in PyTorch) with weights packed; the rest of the model's work is in its time, and only its multiply-adds in its GFLOP/s.
- texts: from text to logits, tokenising on the way, in file order. Peers get them in batches of 32 of like length or one on every core, whichever is faster; ours is train predict.
- step: forward, backward and AdamW, without dropout, in float32; in rows of bf16 linear layers read bfloat16 and all else is float32, and PyTorch has autocast around the forward pass. Their objectives may be %g apart. soft: the configuration search. peak: most memory resident (VmHWM), loading included, of a process that does this alone.
`

// A table has a line for each side of a row, but the first ones, that it knows.
type table struct {
	head string
	line func(r *Result, i int) string // of side i; "": none
}

var tables = []table{
	{"## Forward passes, beside the fastest peer\n\n| row | float32 ms | fastest peer in float32 | ms | ours/peer | int8 ms | fastest peer of all | ms | ours/peer | faster |\n|---|--:|---|--:|--:|--:|---|--:|--:|---|\n", besideFastest(kindForward, (*Result).milliseconds)},
	{"## From text to logits, beside the fastest peer\n\n| row | float32 texts/s | fastest peer in float32 | texts/s | time of ours/peer | int8 texts/s | fastest peer of all | texts/s | time of ours/peer | faster |\n|---|--:|---|--:|--:|--:|---|--:|--:|---|\n", besideFastest(kindTexts, (*Result).perSecond)},
	{"## Training\n\n| row | ours ms | GFLOP/s | PyTorch ms | ours/PyTorch | diff | peak MB ours | PyTorch |\n|---|--:|--:|--:|--:|--:|--:|--:|\n", besideTraining},
	{"## Training in bfloat16\n\n| row | bf16 ms | GFLOP/s | beside | ms | bf16/this | diff | peak MB bf16 | this |\n|---|--:|--:|---|--:|--:|--:|--:|--:|\n", besideInBF16},
	{"## Beside the rate of matrix products\n\n| row | ours ms | GFLOP/s | oneDNN ms | GFLOP/s | share |\n|---|--:|--:|--:|--:|--:|\n", besideProducts},
	{"## What elimination saves, in both precisions\n\n| row | dense ms | power | dense/power | int8: dense ms | power | dense/power | multiply-adds |\n|---|--:|--:|--:|--:|--:|--:|--:|\n", corners},
	{"## Training beside itself\n\n| row | first ms | second ms | first/second | multiply-adds |\n|---|--:|--:|--:|--:|\n", besideItself},
	{"## Every peer in forward passes\n\n| row | side | way | ms | ours in float32/this | ours in int8/this | diff |\n|---|---|---|--:|--:|--:|--:|\n", everyPeer(kindForward, (*Result).milliseconds)},
	{"## Every peer from text to logits\n\n| row | side | way | texts/s | time of ours in float32/this | of ours in int8/this | diff |\n|---|---|---|--:|--:|--:|--:|\n", everyPeer(kindTexts, (*Result).perSecond)},
}

// markdown is all tables.
func (r *Report) markdown() string {
	return "# Speed\n\n" + r.shown(tables) + fmt.Sprintf("\n## Notes\n"+notes, figure1, tolerance, toleranceInt8, toleranceBF16)
}

// summary is all but every peer, for a page that says the rest.
func (r *Report) summary() string { return r.shown(tables[:len(tables)-2]) }

// shown is the machine, the versions and some tables.
func (r *Report) shown(some []table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s. %s.\n\n", r.machine(), r.when())
	for _, v := range r.Versions {
		fmt.Fprintf(&b, "- %s\n", v)
	}
	switch n := r.disturbance(); {
	case n > 0.5:
		fmt.Fprintf(&b, "\n**Other processes used up to %.1f cores: these times are worthless.**\n", n)
	case n > 0.1:
		fmt.Fprintf(&b, "\nOther processes used up to %.1f cores in the second before a row: take its times for rough.\n", n)
	}
	for _, t := range some {
		b.WriteString(t.of(r.Results))
	}
	return b.String()
}

// of is the table under its head, "" where there is nothing for it.
func (t *table) of(results []Result) string {
	var lines strings.Builder
	for k := range results {
		for i := range results[k].Sides {
			lines.WriteString(t.line(&results[k], i))
		}
	}
	if lines.Len() == 0 {
		return ""
	}
	return "\n" + t.head + lines.String()
}

// is tells whether a row is of a kind.
func (r *Result) is(kind string) bool { return strings.HasPrefix(r.Name, kind+"/") }

// milliseconds and perSecond are what a side is shown by.
func (r *Result) milliseconds(s *SideResult) string { return fmt.Sprintf("%.1f", s.Median) }
func (r *Result) perSecond(s *SideResult) string {
	return fmt.Sprintf("%.0f", 1e3*float64(r.Texts)/s.Median)
}

// fastest is the peer that takes the least time of those that answer as they should, of
// float32 alone or of all; nil where there is none.
func (r *Result) fastest(float bool) (best *SideResult) {
	for i := range r.Sides {
		s := &r.Sides[i]
		if !s.Own && s.within() && (s.Float || !float) && (best == nil || s.Median < best.Median) {
			best = s
		}
	}
	return best
}

// besideFastest is a line per row of a kind: ours in float32 beside the fastest peer in
// float32, and ours in int8 beside the fastest of any precision.
func besideFastest(kind string, show func(*Result, *SideResult) string) func(r *Result, i int) string {
	return func(r *Result, i int) string {
		float, all := r.fastest(true), r.fastest(false)
		if i > 0 || !r.is(kind) || float == nil {
			return ""
		}
		return fmt.Sprintf("| %s | %s | %s | %s | %v | %s | %s | %s | %v | %s |\n", r.Name, show(r, &r.Sides[0]), float.Side, show(r, float), float.Ratio,
			show(r, &r.Sides[1]), all.Side, show(r, all), all.Int8Ratio, winner(all))
	}
}

// winner is who is faster, ours in int8 or a peer, as far as the turns tell.
func winner(peer *SideResult) string {
	switch i := peer.Int8Ratio; {
	case i.Coverage < 0.95:
		return "unknown"
	case i.Low > 1:
		return "**" + peer.Side + "**"
	case i.High < 1:
		return "powerbert int8"
	}
	return "neither"
}

// everyPeer is a line for every side of rows of a kind.
func everyPeer(kind string, show func(*Result, *SideResult) string) func(r *Result, i int) string {
	return func(r *Result, i int) string {
		s := &r.Sides[i]
		if !r.is(kind) {
			return ""
		}
		diff, mark := "", ""
		if s.Difference != nil {
			diff = fmt.Sprintf("%.0e", *s.Difference)
		}
		if !s.within() {
			mark = " *"
		}
		return fmt.Sprintf("| %s | %s%s | %s | %s | %v | %v | %s |\n", r.Name, s.Side, mark, s.Way, show(r, s), s.Ratio, s.Int8Ratio, diff)
	}
}

func besideTraining(r *Result, i int) string {
	if i == 0 || !r.is(kindStep) {
		return ""
	}
	ours, peer := &r.Sides[0], &r.Sides[i]
	return fmt.Sprintf("| %s | %.1f | %.0f | %.1f | %v | %.0e | %.0f | %.0f |\n", r.Name, ours.Median, ours.rate(), peer.Median, peer.Ratio, *peer.Difference, ours.PeakMB, peer.PeakMB)
}

func besideInBF16(r *Result, i int) string {
	if i == 0 || !r.is("bf16") {
		return ""
	}
	ours, peer := &r.Sides[0], &r.Sides[i]
	return fmt.Sprintf("| %s | %.1f | %.0f | %s | %.1f | %v | %.0e | %.0f | %.0f |\n", r.Name, ours.Median, ours.rate(), peer.Side, peer.Median, peer.Ratio, *peer.Difference, ours.PeakMB, peer.PeakMB)
}

func besideProducts(r *Result, i int) string {
	if i == 0 || !r.is("rate") {
		return ""
	}
	ours, products := &r.Sides[0], &r.Sides[i]
	share := *products.Ratio // of times
	more := ours.MultiplyAdds / products.MultiplyAdds
	share.Median, share.Low, share.High = more/share.Median, more/share.High, more/share.Low
	return fmt.Sprintf("| %s | %.1f | %.0f | %.1f | %.0f | %v |\n", r.Name, ours.Median, ours.rate(), products.Median, products.rate(), &share)
}

// rate is in GFLOP/s.
func (s *SideResult) rate() float64 { return 2 * s.MultiplyAdds / s.Median / 1e6 }

// corners is a line per row of four sides: dense in both precisions, then power.
func corners(r *Result, i int) string {
	if i > 0 || !r.is("own/forward") || len(r.Sides) != 4 {
		return ""
	}
	dense, denseInt8, power, powerInt8 := &r.Sides[0], &r.Sides[1], &r.Sides[2], &r.Sides[3]
	return fmt.Sprintf("| %s | %.1f | %.1f | %v | %.1f | %.1f | %v | %.2f |\n", r.Name, dense.Median, power.Median, power.Ratio,
		denseInt8.Median, powerInt8.Median, powerInt8.Int8Ratio, dense.MultiplyAdds/power.MultiplyAdds)
}

func besideItself(r *Result, i int) string {
	if i == 0 || !r.is("own/step") {
		return ""
	}
	first, second := &r.Sides[0], &r.Sides[i]
	return fmt.Sprintf("| %s | %.1f | %.1f | %v | %.2f |\n", r.Name, first.Median, second.Median, second.Ratio, first.MultiplyAdds/second.MultiplyAdds)
}

// String is the median and the interval, with its coverage where that is below 95 %; nil is
// what is not compared.
func (i *Interval) String() string {
	if i == nil {
		return "–"
	}
	covers := ""
	if i.Coverage < 0.95 {
		covers = fmt.Sprintf(" (%.0f %%)", 100*i.Coverage)
	}
	return fmt.Sprintf("%.2f [%.2f–%.2f]%s", i.Median, i.Low, i.High, covers)
}
