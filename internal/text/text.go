// Package text lays out tables and notes for a terminal, and writes figures short.
package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// width is the longest line of a note, in characters.
const width = 98

// Table writes rows as columns, the first to the left, the others to the right. An
// empty row is an empty line, and the rows after it have columns of their own.
func Table(to *strings.Builder, rows [][]string) {
	if at := slices.IndexFunc(rows, func(row []string) bool { return len(row) == 0 }); at >= 0 {
		Table(to, rows[:at])
		to.WriteString("\n")
		Table(to, rows[at+1:])
		return
	}
	wide := widths(rows)
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			room := strings.Repeat(" ", wide[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				line = cell + room
			} else {
				line += "  " + room + cell
			}
		}
		to.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// widths counts the characters of the longest cell of each column.
func widths(rows [][]string) (list []int) {
	for _, row := range rows {
		for i, cell := range row {
			if i == len(list) {
				list = append(list, 0)
			}
			list[i] = max(list[i], utf8.RuneCountInString(cell))
		}
	}
	return list
}

// Note writes a note as the lines of a list item.
func Note(to *strings.Builder, note string) {
	line := "-"
	for _, word := range strings.Fields(note) {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			to.WriteString(line + "\n")
			line = " "
		}
		line += " " + word
	}
	to.WriteString(line + "\n")
}

// Line writes a text as one line of at most so many characters, with an ellipsis where it is
// cut: every run of spaces and line breaks is a blank, and what cannot be seen is �, so that
// no text reaches a terminal's commands.
func Line(text string, most int) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	for i, r := range line {
		if !unicode.IsGraphic(r) {
			line[i] = unicode.ReplacementChar
		}
	}
	if len(line) > most {
		line = append(line[:most-1], '…')
	}
	return string(line)
}

// Millions writes a count, as of multiply-adds, in millions.
func Millions(count float64) string { return fmt.Sprintf("%.2f M", count/1e6) }

// Times writes a ratio.
func Times(ratio float64) string { return fmt.Sprintf("%.2f×", ratio) }

// Milliseconds writes them without their unit.
func Milliseconds(ms float64) string { return fmt.Sprintf("%.3f", ms) }

// Size writes an amount of memory in MiB, or in GiB from one on.
func Size(bytes int) string {
	if bytes < 1<<30 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return Gibibytes(uint64(bytes))
}

// Gibibytes writes an amount of memory in GiB, however little it is.
func Gibibytes(bytes uint64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30)) }

// List writes values apart from each other, without the brackets of a slice.
func List[T any](values []T) string { return strings.Trim(fmt.Sprint(values), "[]") }
