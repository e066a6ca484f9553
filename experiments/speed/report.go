package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/machine"
)

// A Report is everything that was measured, and on what.
type Report struct {
	Processor string   `json:"processor"`
	Cores     int      `json:"cores"`
	System    string   `json:"system"`
	Commit    string   `json:"commit"`
	Date      string   `json:"date"`
	Pairs     int      `json:"pairs"`
	Versions  []string `json:"versions"`
	Results   []Result `json:"results"`
}

func newReport(ctx context.Context, pairs int) *Report {
	return &Report{Processor: machine.CPU(), Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Commit: peer.Commit(ctx), Date: time.Now().UTC().Format("2006-01-02 15:04 MST"), Pairs: pairs}
}

func (r *Report) json() ([]byte, error) {
	r.Versions = r.versions()
	text, err := json.MarshalIndent(r, "", " ")
	return append(text, '\n'), err
}

// versions are those that the programs gave, each once.
func (r *Report) versions() []string {
	var list []string
	for _, result := range r.Results {
		for _, s := range result.Sides {
			if !slices.Contains(list, s.Version) {
				list = append(list, s.Version)
			}
		}
	}
	return list
}

// disturbance is how many cores other processes used, at most.
func (r *Report) disturbance() float64 {
	most := 0.0
	for _, result := range r.Results {
		most = max(most, result.Others)
	}
	return most
}

const notes = `
- ratio: time of ours over time of the peer, below 1 where ours is faster; the median over the pairs of turns, with the interval that the sign test gives it.
- GFLOP/s: two per multiply-add that ours executes in its encoders; a backward pass counts as two forward passes.
- hard: retention %v at length 128, half of it at 64. All sides gather early: rows leave right after the attention probabilities. Ours computes the last encoder for [CLS] alone, which is all that the head reads (soft: but for the scores); the peers compute it for every word-vector that it keeps.
- share: GFLOP/s of the whole model over those of its products with weights alone, by oneDNN with weights packed once; the rest of the model's work is in its time, and only its multiply-adds in its GFLOP/s.
- step: forward, backward and AdamW, without dropout. soft: the configuration search.
- diff: largest absolute difference of the logits, of a step's objective over all steps; above %.0e the program fails.
- peak: most memory resident (VmHWM), loading included, of a process that does this case alone.
- All inputs are of full length: nothing is padded. float32.
`

// markdown is the tables that README.md quotes.
func (r *Report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Speed\n\n%s, %d cores, %s. Commit %s, %s, %d pairs of turns.\n\n", r.Processor, r.Cores, r.System, r.Commit, r.Date, r.Pairs)
	for _, v := range r.versions() {
		fmt.Fprintf(&b, "- %s\n", v)
	}
	switch n := r.disturbance(); {
	case n > 0.5:
		fmt.Fprintf(&b, "\n**Other processes used up to %.1f cores: these times are worthless.**\n", n)
	case n > 0.1:
		fmt.Fprintf(&b, "\nOther processes used up to %.1f cores in the second before a case: take its times for rough.\n", n)
	}
	b.WriteString(r.table("## Beside others\n\n| case | ours ms | GFLOP/s | peer | peer ms | ours/peer | diff | peak MB ours | peer |\n"+
		"|---|--:|--:|---|--:|--:|--:|--:|--:|\n", besideOthers))
	b.WriteString(r.table("## Beside the rate of matrix products\n\n| case | ours ms | GFLOP/s | oneDNN ms | GFLOP/s | share |\n|---|--:|--:|--:|--:|--:|\n", besideProducts))
	b.WriteString(r.table("## Ours beside itself\n\n| case | first ms | second ms | first/second | multiply-adds |\n|---|--:|--:|--:|--:|\n", besideItself))
	fmt.Fprintf(&b, "\n## Notes\n"+notes, figure1, tolerance)
	return b.String()
}

// table has the rows of the results that row knows, under a head.
func (r *Report) table(head string, row func(name string, first, second SideResult) string) string {
	var rows strings.Builder
	for _, result := range r.Results {
		for _, s := range result.Sides[1:] {
			rows.WriteString(row(result.Name, result.Sides[0], s))
		}
	}
	if rows.Len() == 0 {
		return ""
	}
	return "\n" + head + rows.String()
}

func besideOthers(name string, ours, peer SideResult) string {
	if peer.Program == "ours" || peer.Program == "onednn" {
		return ""
	}
	return fmt.Sprintf("| %s | %.1f | %.0f | %s | %.1f | %v | %.0e | %.0f | %.0f |\n", name, ours.Median,
		ours.rate(), peer.Program, peer.Median, peer.Ratio, *peer.Difference, ours.PeakMB, peer.PeakMB)
}

func besideProducts(name string, ours, products SideResult) string {
	if products.Program != "onednn" {
		return ""
	}
	share := *products.Ratio // of times
	more := ours.MultiplyAdds / products.MultiplyAdds
	share.Median, share.Low, share.High = more/share.Median, more/share.High, more/share.Low
	return fmt.Sprintf("| %s | %.1f | %.0f | %.1f | %.0f | %v |\n", name, ours.Median, ours.rate(), products.Median, products.rate(), &share)
}

// rate is in GFLOP/s.
func (s *SideResult) rate() float64 { return 2 * s.MultiplyAdds / s.Median / 1e6 }

func besideItself(name string, first, second SideResult) string {
	if second.Program != "ours" {
		return ""
	}
	return fmt.Sprintf("| %s | %.1f | %.1f | %v | %.2f |\n", name, first.Median, second.Median, second.Ratio, first.MultiplyAdds/second.MultiplyAdds)
}

// String is the median and the interval, with its coverage where that is below 95 %.
func (i *Interval) String() string {
	covers := ""
	if i.Coverage < 0.95 {
		covers = fmt.Sprintf(" (%.0f %%)", 100*i.Coverage)
	}
	return fmt.Sprintf("%.2f [%.2f–%.2f]%s", i.Median, i.Low, i.High, covers)
}
