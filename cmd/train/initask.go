package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/powerbert/powerbert/configs"
)

// asksAt tells whether someone is there to answer: both ends are a terminal.
func asksAt(in io.Reader, out io.Writer) bool {
	file, ok := in.(*os.File)
	_, shown := terminal(out)
	return ok && shown && term.IsTerminal(int(file.Fd()))
}

// askDraft asks for what no flag named, label, text and model, with the guess as default;
// for a column again until there is one of that name.
func askDraft(d *configs.Draft, in *bufio.Reader, out io.Writer) error {
	names := columnNames(d.Look)
	fmt.Fprintf(out, "%s has the columns %s.\n", d.Look.Path, strings.Join(names, ", "))
	guessed := configs.Draft{Look: d.Look, Text: d.Text, Label: d.Label}
	guess(&guessed)
	if d.Label == "" {
		label, err := askColumns(in, out, "Label column", []string{guessed.Label}, names, 1)
		if err != nil {
			return err
		}
		d.Label, guessed = label[0], configs.Draft{Look: d.Look, Text: d.Text, Label: label[0]}
		guess(&guessed)
	}
	var err error
	if len(d.Text) == 0 {
		if d.Text, err = askColumns(in, out, "Text column, or two with a comma", guessed.Text, names, 2); err != nil {
			return err
		}
	}
	if d.Model == "" {
		d.Model, err = ask(in, out, "Model, a directory or a name at the hub", configs.DraftModel)
	}
	return err
}

// askColumns asks until the answer is of columns that are there, so many at most.
func askColumns(in *bufio.Reader, out io.Writer, what string, guess, names []string, most int) ([]string, error) {
	for {
		answer, err := ask(in, out, what, strings.Join(guess, ","))
		if err != nil {
			return nil, err
		}
		columns := strings.Split(answer, ",")
		for i := range columns {
			columns[i] = strings.TrimSpace(columns[i])
		}
		if slices.Contains(names, answer) { // a comma of its own
			columns = []string{answer}
		}
		unknown := slices.IndexFunc(columns, func(c string) bool { return !slices.Contains(names, c) })
		switch {
		case unknown >= 0:
			fmt.Fprintf(out, "There is no column %q, only %s.\n", columns[unknown], strings.Join(names, ", "))
		case len(columns) > most:
			fmt.Fprintf(out, "Those are %d columns, want %d at most.\n", len(columns), most)
		default:
			return columns, nil
		}
	}
}

// ask asks once; an empty answer is the guess.
func ask(in *bufio.Reader, out io.Writer, what, guess string) (string, error) {
	fmt.Fprintf(out, "%s [%s]: ", what, guess)
	line, err := in.ReadString('\n')
	if err != nil && line == "" {
		return "", usagef("init", "the answers ended before %s; --yes asks nothing", strings.ToLower(what[:1])+what[1:])
	}
	return cmp.Or(strings.TrimSpace(line), guess), nil
}
