package serve

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"net/http"
)

// openAPI is the description of every path, OpenAPI 3.1, with the word NAMES for those of
// the models.
//
//go:embed openapi.json
var openAPI []byte

// describe answers GET /openapi.json.
func (s *Server) describe(*http.Request) (any, error) {
	names, err := json.Marshal(s.models.all())
	return json.RawMessage(bytes.ReplaceAll(openAPI, []byte(`"NAMES"`), bytes.Trim(names, "[]"))), err
}
