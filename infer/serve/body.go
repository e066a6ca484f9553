package serve

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// readBody reads a body of at most MaxBody bytes, which is refused before it is read where
// it says that it is larger, or where there is no room for it. leave ends the reservation.
func (s *Server) readBody(r *http.Request) (body []byte, leave func(), err error) {
	if err := checkEncoding(r.Header); err != nil {
		return nil, nil, err
	}
	size := r.ContentLength
	if size > s.options.MaxBody {
		return nil, nil, s.tooLarge()
	}
	if size < 0 { // in chunks
		if body, err = readUpTo(r.Body, min(light, s.options.MaxBody)); err != errMore {
			return body, func() {}, err
		}
		size = s.options.MaxBody
	}
	if leave, err = s.gate.enter(size); err != nil {
		return nil, nil, err
	}
	rest, err := readUpTo(r.Body, size-int64(len(body)))
	if err == errMore {
		err = s.tooLarge()
	}
	if err != nil {
		leave()
		return nil, nil, err
	}
	if len(body) > 0 {
		rest = append(body, rest...)
	}
	return rest, leave, nil
}

func (s *Server) tooLarge() error {
	return faultf(validation, "the body has more than %d bytes", s.options.MaxBody)
}

// errMore says that a body is longer than it was read; what was read comes with it.
var errMore = errors.New("the body goes on")

// readUpTo reads a body of at most so many bytes.
func readUpTo(from io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, limit))
	if err != nil {
		return nil, readFault(err)
	}
	if int64(len(body)) < limit {
		return body, nil
	}
	var one [1]byte
	switch _, err := io.ReadFull(from, one[:]); {
	case err == io.EOF:
		return body, nil
	case err != nil:
		return nil, readFault(err)
	}
	return append(body, one[0]), errMore
}

// decodeBody decodes a body into v, whose fields decide nothing but their types.
func decodeBody(body []byte, v any) error {
	if !utf8.Valid(body) {
		return faultf(malformed, "the body is not valid UTF-8")
	}
	if err := json.Unmarshal(body, v); err != nil && json.Valid(body) {
		return faultf(tokenizing, "the body does not have the right shape: %v", err)
	} else if err != nil {
		return faultf(malformed, "the body is not JSON: %v", err)
	}
	return nil
}

// checkEncoding refuses a body that is compressed: MaxBody bounds what arrives, not
// what that grows to.
func checkEncoding(h http.Header) error {
	for _, encoding := range h.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return faultf(encoded, "the body has the Content-Encoding %.40q, want none", encoding)
		}
	}
	return nil
}

// What is read and dropped of a body that is refused, so that its client comes to read
// the answer: a connection that is closed on unread bytes loses it.
const (
	mostDropped = 2 << 20
	longestDrop = 2 * time.Second
)

// drops has room for the bodies that are dropped at once: more would keep the requests that
// are not refused from the cores.
type drops chan struct{}

// after answers a request that is refused by send, and drops the rest of its body. A client
// that waits to be told to go on sends none.
func (d drops) after(w http.ResponseWriter, r *http.Request, send func()) {
	control := http.NewResponseController(w)
	waits := r.Header.Get("Expect") != ""
	if waits || r.ContentLength > mostDropped {
		w.Header().Set("Connection", "close")
	}
	_ = control.EnableFullDuplex() // the answer goes out first; what is no connection needs none
	send()
	_ = control.Flush()
	if waits || r.Body == nil || r.ContentLength == 0 {
		return
	}
	if !d.drop(control, r.Body) {
		panic(http.ErrAbortHandler) // what comes next is the rest of the body, no request
	}
}

// drop reads a body and tells whether that came to its end.
func (d drops) drop(control *http.ResponseController, body io.Reader) bool {
	end := time.NewTimer(longestDrop)
	defer end.Stop()
	_ = control.SetReadDeadline(time.Now().Add(longestDrop))
	select {
	case d <- struct{}{}:
		defer func() { <-d }()
		n, err := io.Copy(io.Discard, io.LimitReader(body, mostDropped))
		return err == nil && n < mostDropped
	case <-end.C:
		return false
	}
}
