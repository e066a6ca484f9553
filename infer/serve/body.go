package serve

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
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
	if size < 0 {
		return s.readChunks(r)
	}
	if leave, err = s.gate.enter(size); err != nil {
		return nil, nil, err
	}
	if size > light {
		defer taking(r, s.gate.turns)()
	}
	body = make([]byte, size)
	if _, err = io.ReadFull(r.Body, body); err != nil {
		leave()
		return nil, nil, readFault(err)
	}
	return body, leave, nil
}

// readChunks reads a body whose size nobody says: room for the largest is reserved as soon as
// it is not a light one.
func (s *Server) readChunks(r *http.Request) (body []byte, leave func(), err error) {
	if body, err = readUpTo(r.Body, min(light, s.options.MaxBody)); err != errMore {
		return body, func() {}, err
	}
	if leave, err = s.gate.enter(s.options.MaxBody); err != nil {
		return nil, nil, err
	}
	defer taking(r, s.gate.turns)()
	rest, err := readUpTo(r.Body, s.options.MaxBody-int64(len(body)))
	if err == errMore {
		err = s.tooLarge()
	}
	if err != nil {
		leave()
		return nil, nil, err
	}
	return append(body, rest...), leave, nil
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
	var wrong *json.UnmarshalTypeError
	if err := json.Unmarshal(body, v); errors.As(err, &wrong) && wrong.Field != "" {
		return faultf(tokenizing, "the body does not have the right shape: %s is a JSON %s", wrong.Field, wrong.Value)
	} else if err != nil && json.Valid(body) {
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
