package paper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/experiments/report"
)

func (t *Table) title() string {
	return fmt.Sprintf("table %d of the paper: %s and PoWER-BERT, task by task", t.Number, baseName(t.Number))
}

// rows lays out up to four tables: the data, the scores, the times, and what was not
// measured.
func (t *Table) rows() [][]string {
	tables := [][][]string{t.dataRows()}
	if len(t.measured()) > 0 {
		tables = append(tables, t.scoreRows(), t.timeRows())
	}
	if lacks := t.lackRows(); lacks != nil {
		tables = append(tables, lacks)
	}
	return slices.Concat(tables[0], slices.Concat(each(tables[1:], func(rows [][]string) [][]string { return slices.Concat([][]string{nil}, rows) })...))
}

// measured lists the rows that have an outcome.
func (t *Table) measured() []TaskRow {
	return slices.DeleteFunc(slices.Clone(t.Rows), func(r TaskRow) bool { return r.Outcome == nil })
}

func (t *Table) dataRows() [][]string {
	rows := [][]string{{"data", "task", "classes", "N", "published", "train", "dev", "word-pieces"}}
	for _, r := range t.Rows {
		row := []string{r.Name, r.Task, count(r.Classes), fmt.Sprint(r.MaxLength), count(r.PublishedLength), fmt.Sprint(r.Train), fmt.Sprint(r.Dev), "–"}
		if r.Outcome != nil {
			row[len(row)-1] = fmt.Sprintf("%.1f", r.Length)
		}
		rows = append(rows, row)
	}
	return rows
}

// count writes a number where there is one.
func count(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

func (t *Table) scoreRows() [][]string {
	base := baseName(t.Number)
	rows := [][]string{
		{"scores × 100", "metric", "seeds", "majority", base, "", "PoWER-BERT", "", "fewer multiply-adds:", ""},
		{"", "", "", "class", "dev", "published", "dev", "published", "padded", "unpadded"},
	}
	for _, r := range t.measured() {
		bert, power := "–", "–"
		if p := r.Published; p != nil {
			bert, power = fmt.Sprintf("%.1f", p.BERT), fmt.Sprintf("%.1f", p.PoWER)
		}
		row := []string{r.Name, r.Metric, fmt.Sprint(len(r.Seeds)), fmt.Sprintf("%.1f", 100*r.Majority),
			r.BERT.Text("%.1f", 100), bert, r.PoWER.Text("%.1f", 100), power, r.Padded.Fewer.Text("%.2f", 1) + "×", r.Unpadded.Fewer.Text("%.2f", 1) + "×"}
		if !r.Signal {
			row = append(row, "without signal")
		}
		rows = append(rows, row)
	}
	return rows
}

func (t *Table) timeRows() [][]string {
	base := baseName(t.Number)
	rows := [][]string{
		{"ms of a batch", "batch", "padded:", "", "", "unpadded:", "", "", "published:", "", ""},
		{"", "", base, "PoWER-BERT", "faster", base, "PoWER-BERT", "faster", base, "PoWER-BERT", "faster"},
	}
	for _, r := range t.measured() {
		row := []string{r.Name, fmt.Sprint(r.Timing[0].Examples)}
		for _, s := range []Saved{r.Padded, r.Unpadded} {
			row = append(row, s.BERTMS.Text("%.1f", 1), s.PoWERMS.Text("%.1f", 1), s.Faster.Text("%.2f", 1)+"×")
		}
		if p := r.Published; p != nil {
			row = append(row, fmt.Sprint(p.BERTMS), fmt.Sprint(p.PoWERMS), fmt.Sprintf("%.1f×", p.Faster))
		}
		rows = append(rows, row)
	}
	return rows
}

// lackRows says of experiments why they have no outcome; none: all have one.
func (t *Table) lackRows() [][]string {
	var rows [][]string
	for _, r := range t.Rows {
		if r.Outcome == nil {
			rows = append(rows, []string{r.Name + ": " + r.Lacks})
		}
	}
	for _, w := range t.Without {
		rows = append(rows, []string{strings.Join(w.Configs, ", ") + ": " + w.Why})
	}
	if rows == nil {
		return nil
	}
	return slices.Insert(rows, 0, []string{"not measured"})
}

func (t *Table) notes() []string {
	list := []string{
		"train and dev: examples as read; where no dev file is distributed, dev is the last tenth of train by hash of the text. published: N of the paper. " +
			"word-pieces: of a dev sequence in the mean, cut to N. train data CONFIG tells more.",
	}
	if len(t.measured()) == 0 {
		return list
	}
	list = append(list,
		"dev: stage 1 and stage 3 on the dev set. "+chosen(t.measured())+" ±: standard deviation over the seeds. "+
			"majority class: the metric where all examples get one label, the best for that metric on the training set (for F1 the positive one; "+
			"Matthews is then 0, and so, of scores, is a correlation). without signal: stage 1 is not above that by two standard errors of the dev set, so nothing follows from the row.",
		"padded: every input filled up to N on both sides, the paper's protocol. unpadded: neither side computes padding, as one would otherwise run BERT. "+
			"fewer multiply-adds: of the encoders, mean over the dev set, as executed.",
		"ms of a batch: median of several rounds in which the four ways take turns, on one core, over a batch of the published size (128; RACE 64) "+
			"or the whole dev set where that is smaller, drawn evenly over the lengths, by "+t.measured()[0].Timing[0].Backend+" on "+t.measured()[0].Timing[0].CPU+".",
	)
	if t.other {
		list = append(list, "A on B: the runs of A on the dev set of the task B, which has A's training set. It was scored with theirs and chose no epoch.")
	}
	if t.votes {
		list = append(list, alwaysPadded)
	}
	if t.rough {
		list = append(list, report.Roughly)
	}
	return list
}

// chosen says by which examples the epochs of a table's rows were chosen, and of which rows
// where not of all.
func chosen(rows []TaskRow) string {
	var byDev []string
	for _, r := range rows {
		if r.HeldOut == 0 {
			byDev = append(byDev, r.Name)
		}
	}
	const held = "Rows that none of them learned chose the epochs"
	switch len(byDev) {
	case 0:
		return held + "; dev chose nothing."
	case len(rows):
		return report.Chosen(0)
	}
	return held + ", but for " + strings.Join(byDev, ", ") + ": there dev chose, so no figure is a test score."
}

func (t *Table) published() []string {
	return []string{fmt.Sprintf("table %d: test sets, %s-base, a K80, batches of 128 (RACE 64), all inputs padded to N; "+
		"milliseconds are another machine's, so the ratios alone compare", t.Number, baseName(t.Number))}
}

// differs says what is not as in the paper.
func (t *Table) differs() string {
	var models []string
	of := map[string][]string{}
	for _, r := range t.measured() {
		if of[r.Model] == nil {
			models = append(models, r.Model)
		}
		of[r.Model] = append(of[r.Model], r.Name)
	}
	if models == nil {
		return "nothing is measured yet"
	}
	for i, m := range models {
		models[i] = m + " (" + strings.Join(of[m], ", ") + ")"
	}
	return fmt.Sprintf("the paper: %s-base (12 encoders of width 768) as its authors pretrained it, on hidden test sets; here, on dev sets: %s",
		baseName(t.Number), strings.Join(models, "; "))
}
