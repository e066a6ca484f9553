package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/powerbert/powerbert/internal/paths"
)

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd} // RFC 8878, 3.1.1
	utf8BOM   = []byte{0xef, 0xbb, 0xbf}
)

// OpenText is the file's plain text: unzipped if it begins as gzip or zstd files do,
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

// plain is the text of a file that may be compressed, and without its byte-order mark.
func plain(file io.Reader) (*bufio.Reader, error) {
	text, err := unzipped(bufio.NewReaderSize(file, 1<<16))
	if err != nil {
		return nil, err
	}
	_, _ = text.Peek(1)
	start, _ := text.Peek(min(text.Buffered(), paths.PointerLength)) // more might not come, through a pipe
	if err := paths.Pointer(start); err != nil {
		return nil, err
	}
	if start, _ := text.Peek(len(utf8BOM)); bytes.Equal(start, utf8BOM) {
		text.Discard(len(utf8BOM))
	}
	return text, nil
}

// unzipped is what gzip or zstd made a file of, or the file.
func unzipped(file *bufio.Reader) (*bufio.Reader, error) {
	var inner io.Reader
	var err error
	switch start, _ := file.Peek(len(zstdMagic)); {
	case bytes.HasPrefix(start, gzipMagic):
		inner, err = gzip.NewReader(file)
	case bytes.HasPrefix(start, zstdMagic):
		inner, err = zstd.NewReader(file, zstd.WithDecoderConcurrency(1)) // without goroutines, it need not be closed
	default:
		return file, nil
	}
	if err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(inner, 1<<16), nil
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
		err = errors.New("the gzip or zstd stream ends in the middle; the file is truncated")
	}
	return &Error{File: path, Line: line, Err: err}
}
