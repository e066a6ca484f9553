package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// showResults shows what stages came to: a table, and the retention
// configuration if a search is among them. As JSON: the result, or the list of
// several.
func (a *app) showResults(results []*rundir.Result) error {
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
		if len(r.Budgets) > 0 {
			err = cmp.Or(err, a.showBudgets(r))
		}
		if r.Stopped > 0 {
			fmt.Fprintf(a.stdout, "\n%s ended after epoch %d: none was better than epoch %d, which is kept\n", r.Stage, r.Stopped, r.Epoch)
		}
		if found := r.Retention; found != nil && r.Stage == configs.StageSearch {
			fmt.Fprintln(a.stdout)
			err = cmp.Or(err, report.Searched(found).WriteText(a.stdout, found.MaxLength))
		}
	}
	return err
}

// showBudgets shows what a model of several budgets scores and costs at each.
func (a *app) showBudgets(r *rundir.Result) error {
	fmt.Fprintf(a.stdout, "\none model for %d budgets; the mean of them chose the epoch: %s %.4f\n", len(r.Budgets), r.Metric, r.Chosen)
	return a.table(0, func(w io.Writer) {
		fmt.Fprintf(w, "budget\tdev %s\tdev loss\tmultiply-adds\tkept\n", r.Metric)
		for _, b := range r.Budgets {
			fmt.Fprintf(w, "%g\t%.4f\t%.4f\t%s\t%v\n", b.Share, b.Dev, b.Loss, millions(b.MACs.Real), b.Keep)
		}
	})
}

// millions writes a count of multiply-adds.
func millions(count float64) string { return fmt.Sprintf("%.1f M", count/1e6) }

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond)
}
