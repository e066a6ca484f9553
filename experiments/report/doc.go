// Package report measures one run and shows it: what word-vector elimination costs and
// saves against BERT, as a table for a terminal and as a page for a browser. It also
// writes a run's predictions of GLUE's hidden test sets (Submit), and what a look at data
// found as a page of the same look (DataPage). It trains nothing.
//
// What is computed is apart from how it is shown. Measure opens a complete run
// directory and gives a Report of plain values; Summary.WriteText renders its
// table, Report.WriteHTML the whole of it as one file. A Run is what it measures, and a
// Clock how it times; figures of other kinds begin with them, too.
//
// To read it: run.go opens a run, measure.go measures it, summary.go is the table, report.go
// all that the page shows; html.go and text.go render it. charts.go, chart.go, heatmap.go and
// thresholds.go are the figures, mistakes.go and trust.go what a reader should doubt,
// baseline.go and ngrams.go what knows less than a BERT. datapage.go and submit.go stand by
// themselves.
package report
