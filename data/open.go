package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
)

var (
	gzipMagic = []byte{0x1f, 0x8b}
	utf8BOM   = []byte{0xef, 0xbb, 0xbf}
)

// OpenText is the file's plain text: gunzipped if it begins as gzip files do,
// whatever its name, and without a byte-order mark. close ends it.
func OpenText(path string) (text *bufio.Reader, close func() error, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, readError(path, 0, err)
	}
	text, err = plain(file)
	if err != nil {
		file.Close()
		return nil, nil, readError(path, 0, err)
	}
	return text, file.Close, nil
}

func plain(file io.Reader) (*bufio.Reader, error) {
	text := bufio.NewReaderSize(file, 1<<16)
	if start, _ := text.Peek(len(gzipMagic)); bytes.Equal(start, gzipMagic) {
		unzipped, err := gzip.NewReader(text)
		if err != nil {
			return nil, err
		}
		text = bufio.NewReaderSize(unzipped, 1<<16)
	}
	if start, _ := text.Peek(len(utf8BOM)); bytes.Equal(start, utf8BOM) {
		text.Discard(len(utf8BOM))
	}
	return text, nil
}

// readError is an error of opening or reading a file at a line. It names the
// file once, though os puts it into its own errors too. An *Error of a file of its
// own stays as it is.
func readError(path string, line int, err error) *Error {
	var inner *fs.PathError
	var placed *Error
	switch {
	case errors.As(err, &placed):
		return placed
	case errors.As(err, &inner):
		return &Error{File: path, Err: inner.Err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("the gzip stream ends in the middle; the file is truncated")
	}
	return &Error{File: path, Line: line, Err: err}
}
