package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/powerbert/powerbert/pipeline"
)

// showResults shows what stages came to: a table, and the retention
// configuration if a search is among them. As JSON: the result, or the list of
// several.
func (a *app) showResults(results []*pipeline.Result) error {
	if a.json {
		if len(results) == 1 {
			return a.writeJSON(results[0])
		}
		return a.writeJSON(results)
	}
	err := a.table(0, func(w io.Writer) {
		more := results[0].Also.Names()
		fmt.Fprintf(w, "stage\tdev %s\tdev loss\t", strings.Join(append([]string{results[0].Metric}, more...), "\tdev "))
		fmt.Fprint(w, "epoch\tmultiply-adds\tpadded\ttime\tdirectory\n")
		for _, r := range results {
			fmt.Fprintf(w, "%s\t%.4f\t", r.Stage, r.Dev)
			for _, name := range more {
				fmt.Fprintf(w, "%.4f\t", r.Also[name])
			}
			fmt.Fprintf(w, "%.4f\t%d\t%s\t%s\t%v\t%s\n", r.Loss, r.Epoch,
				millions(r.MACs.Real), millions(r.MACs.Padded), seconds(r.Seconds), r.Dir)
		}
	})
	for _, r := range results {
		if r.Retention != nil && r.Stage == "search" {
			err = cmp.Or(err, a.showRetention(r.Retention))
		}
	}
	return err
}

// millions writes a count of multiply-adds.
func millions(count float64) string { return fmt.Sprintf("%.1f M", count/1e6) }

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond)
}

// barWidth is the longest bar of a chart, in characters.
const barWidth = 40

// showRetention shows mass and kept word-vectors per encoder with a bar each;
// the full bar is N.
func (a *app) showRetention(r *pipeline.Retention) error {
	of := "the most significant word-vectors"
	if r.Ranks == "relative" {
		of = fmt.Sprintf("%d parts of an input's length", r.MaxLength)
	}
	fmt.Fprintf(a.stdout, "\nlambda %g, ranks %s: kept of %s\n", r.Lambda, r.Ranks, of)
	return a.table(0, func(w io.Writer) {
		fmt.Fprintf(w, "encoder\tmass\tkept\tof %d\n", r.MaxLength)
		for j, kept := range r.Retention {
			note := ""
			if j == len(r.Retention)-1 {
				note = " free: only [CLS] is read"
			}
			fmt.Fprintf(w, "%d\t%.2f\t%d\t%s%s\n", j+1, r.Mass[j], kept, bar(kept, r.MaxLength), note)
		}
	})
}

// bar draws part of whole.
func bar(part, whole int) string {
	n := int(math.Round(barWidth * ratio(part, whole)))
	return strings.Repeat("█", n) + strings.Repeat("·", barWidth-n)
}
