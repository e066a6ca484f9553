// Package experiments turns what runs leave into results that can be read: the report
// of a run, which says what word-vector elimination costs and saves against BERT; the
// paper's figures and tables (MakeFigure); one table of many runs (Compare); and the
// predictions of GLUE's hidden test sets (Submit).
//
// What is computed is apart from how it is shown. Measure opens a complete run
// directory and gives a Report of plain values; Summary.WriteText renders its
// table for a terminal, Report.WriteHTML the whole of it as one file for a
// browser. A Figure holds its values likewise, with their text and drawing.
package experiments
