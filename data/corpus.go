package data

import (
	"io"
	"strings"
)

// A Corpus is files of documents without labels.
type Corpus struct {
	Files      []string // plain text, or CSV, TSV, JSONL by their suffix; gzip is read as it is
	Column     string   // text column of those that are tables
	BlankLines bool     // in plain text blank lines end a document; otherwise every line is one
}

// Each calls f with every document that is not blank, in order, until f reports
// an error, which it returns. It reports an *Error with file and line for what it
// cannot read.
func (c Corpus) Each(f func(document string) error) error {
	for _, path := range c.Files {
		if err := c.file(path, f); err != nil {
			return err
		}
	}
	return nil
}

func (c Corpus) file(path string, f func(string) error) error {
	src := TextSource{Path: path, Format: formatBySuffix(path), Text: []string{c.Column}}
	if src.Format == "" {
		src.Format, src.Text = Lines, nil
	}
	texts, err := OpenTexts(src)
	if err != nil {
		return err
	}
	defer texts.Close()
	emit := func(document string) error {
		if strings.TrimSpace(document) == "" {
			return nil
		}
		return f(document)
	}
	paragraphs := c.BlankLines && src.Format == Lines
	var lines []string
	for {
		e, err := texts.Next()
		switch {
		case err == io.EOF:
			return emit(strings.Join(lines, "\n"))
		case err != nil:
			return err
		case paragraphs && strings.TrimSpace(e.Text) != "":
			lines = append(lines, e.Text)
		case paragraphs:
			err = emit(strings.Join(lines, "\n"))
			lines = lines[:0]
		default:
			err = emit(e.Text)
		}
		if err != nil {
			return err
		}
	}
}
