package data

import (
	"io"
	"math"
)

// TextRows are the texts of a range of rows of files, one file after another. It holds one
// row at a time.
type TextRows struct {
	Paired bool
	LeftOut

	src   TextSource
	files []string // still to be opened
	among int      // how many there were
	at    *Texts   // nil: none
	file  string   // that is open
	left  int      // rows of the range that are still to be read
	exact bool     // these rows have been counted
}

// OpenFiles opens all rows of files; "-" is TextSource.Input. It reports what OpenTexts does,
// of any of the files, and an *Error for a header that is not the first file's.
func OpenFiles(src TextSource, files []string) (*TextRows, error) {
	if len(files) > 1 {
		if err := src.each(files, func(int, *Texts) error { return nil }); err != nil {
			return nil, err
		}
	}
	src.Path = files[0]
	return src.openRows(files, math.MaxInt, false)
}

// OpenRows opens the rows from up to to, not included, of one or more files that have been
// counted, where a row that is left out counts, too. Files before the range are not read.
func OpenRows(src TextSource, counted []TextFile, from, to int) (*TextRows, error) {
	left := to - from
	var files []string
	for _, file := range counted {
		if from >= file.Rows && len(files) == 0 {
			from -= file.Rows
			continue
		}
		files = append(files, file.Name)
	}
	if left == 0 {
		files, from = nil, 0
	}
	src.Path = counted[0].Name
	t, err := src.openRows(files, left, true)
	if err != nil {
		return nil, err
	}
	t.among = len(counted)
	if err := t.pass(from); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (src TextSource) openRows(files []string, left int, exact bool) (*TextRows, error) {
	src.Format = src.format()
	t := &TextRows{Paired: len(src.Text) == 2, src: src, files: files, among: len(files), left: left, exact: exact}
	return t, t.open()
}

// open opens the next file that has rows; of none, at is nil.
func (t *TextRows) open() (err error) {
	t.at = nil
	for t.at == nil && len(t.files) > 0 && err == nil {
		t.file, t.files = t.files[0], t.files[1:]
		t.at, err = t.src.among(t.file, t.among)
	}
	return err
}

// pass passes over rows of the first file.
func (t *TextRows) pass(rows int) error {
	for range rows {
		if _, _, err := t.at.row(); err != nil {
			return t.shrunk(err)
		}
	}
	return nil
}

// Next is the next text. The error is io.EOF at the end, or an *Error with file and line.
func (t *TextRows) Next() (Example, error) {
	for t.at != nil && t.left > 0 {
		e, bad, err := t.at.row()
		switch {
		case err == io.EOF:
			if err := t.Close(); err != nil {
				return Example{}, err
			}
			if err := t.open(); err != nil {
				return Example{}, err
			}
			continue
		case err != nil:
			return Example{}, err
		}
		t.left--
		if bad == nil {
			return e, nil
		}
		t.note(t.placed(*bad))
	}
	if t.exact && t.left > 0 {
		return Example{}, t.shrunk(io.EOF)
	}
	return Example{}, io.EOF
}

// placed names the file of a malformed row, where there are several.
func (t *TextRows) placed(bad Malformed) Malformed {
	if t.among > 1 && bad.Line > 0 {
		return Malformed{Reason: (&Error{t.file, bad.Line, malformed(bad.Reason)}).Error()}
	}
	return bad
}

// shrunk is the error of a file that ends before the rows that were counted.
func (t *TextRows) shrunk(err error) error {
	if err == io.EOF {
		return errorf(t.file, 0, "has fewer rows than when they were counted; it has changed")
	}
	return err
}

// File is the file of the last text where there are several, else "".
func (t *TextRows) File() string {
	if t.among < 2 {
		return ""
	}
	return t.file
}

// JSON tells whether what is kept of a row is JSON.
func (t *TextRows) JSON() bool { return t.src.IsJSON() }

// Close closes the file that is open.
func (t *TextRows) Close() error {
	if t.at == nil {
		return nil
	}
	err := t.at.Close()
	t.at = nil
	return err
}
