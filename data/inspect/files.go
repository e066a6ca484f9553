package inspect

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/powerbert/powerbert/data"
)

// unread is what is wrong with the files of sets that rows were skipped of.
func unread(l *look) []Finding {
	for _, p := range l.parts() {
		if len(p.Skipped) > 0 {
			return Files(l.src)
		}
	}
	return nil
}

// Files is what is wrong with the files of a source before they can be read: their
// encoding, and the delimiter of tables.
func Files(src data.Source) []Finding {
	found := []Finding{}
	for _, path := range src.Paths() {
		found = append(found, File(src, path)...)
	}
	return found
}

// File is Files of one. A file that is no text file, or not there, has no findings.
func File(src data.Source, path string) []Finding {
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		return nil
	}
	return append(encoding(path), delimiter(src, path)...)
}

// encoding finds lines that are not UTF-8.
func encoding(path string) []Finding {
	text, closeFile, err := data.OpenText(path)
	if err != nil {
		return nil
	}
	defer closeFile()
	f := Finding{Name: "not UTF-8", Set: path}
	start, _ := text.Peek(64)
	if bytes.HasPrefix(start, []byte("PAR1")) { // a Parquet file is no text
		return nil
	}
	from := encodingOf(start)
	for {
		line, err := text.ReadBytes('\n')
		if len(line) > 0 {
			if f.Of++; !utf8.Valid(line) || from != "" {
				f.Count++
				f.add(Place{File: path, Line: f.Of, Text: short(strings.ToValidUTF8(string(line), "�"))})
			}
		}
		if err != nil {
			break
		}
	}
	if from == "" {
		from = "WINDOWS-1252"
	}
	f.What = fmt.Sprintf("%d of %d lines are not UTF-8, but probably %s", f.Count, f.Of, from)
	f.Remedy = fmt.Sprintf("convert it: iconv -f %s -t UTF-8", from)
	return f.list()
}

// encodingOf is UTF-16 where a text begins with its mark or every other byte is 0, and
// else "".
func encodingOf(start []byte) string {
	switch zeros := bytes.Count(start, []byte{0}); {
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), bytes.HasPrefix(start, []byte{0xfe, 0xff}):
		return "UTF-16"
	case 3*zeros > len(start) && len(start) > 3 && start[0] == 0:
		return "UTF-16BE"
	case 3*zeros > len(start):
		return "UTF-16LE"
	}
	return ""
}

// delimiters are those of tables, with the names that data.format or data.delimiter has.
var delimiters = []rune{',', '\t', ';', '|'}

// probed is how many rows a delimiter is judged by.
const probed = 20

// delimiter finds a table that has one column, and more with another delimiter.
func delimiter(src data.Source, path string) []Finding {
	used, is := src.DelimiterOf(path)
	if !is || columns(path, used) != 1 {
		return nil
	}
	best, most := used, 1
	for _, d := range delimiters {
		if n := columns(path, d); n > most {
			best, most = d, n
		}
	}
	f := Finding{Name: "wrong delimiter", Set: path, Of: most,
		What:   fmt.Sprintf("the delimiter %q makes one column of it, and %q makes %d", used, best, most),
		Remedy: fmt.Sprintf("set data.delimiter: %q", best)}
	if best == '\t' || best == ',' {
		f.Remedy = fmt.Sprintf("set data.format: %s", map[rune]string{'\t': data.TSV, ',': data.CSV}[best])
	}
	if best != used {
		f.Count = 1
	}
	return f.list()
}

// columns is how many a delimiter makes of a file's first rows; 0 where they have not
// equally many.
func columns(path string, delimiter rune) int {
	text, closeFile, err := data.OpenText(path)
	if err != nil {
		return 0
	}
	defer closeFile()
	if delimiter == '\t' {
		return tabs(text)
	}
	rows := csv.NewReader(text)
	rows.Comma, rows.LazyQuotes = delimiter, true // FieldsPerRecord 0: all as the first
	n := 0
	for range probed {
		fields, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0
		}
		n = len(fields)
	}
	return n
}

// tabs is columns of a file without quotes.
func tabs(text *bufio.Reader) (n int) {
	for range probed {
		line, err := text.ReadString('\n')
		if line == "" {
			break
		}
		fields := strings.Count(line, "\t") + 1
		if n > 0 && fields != n {
			return 0
		}
		if n = fields; err != nil {
			break
		}
	}
	return n
}
