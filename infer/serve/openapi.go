package serve

import (
	_ "embed"
	"encoding/json"
	"net/http"
)

// openAPI is the description of every path, OpenAPI 3.1.
//
//go:embed openapi.json
var openAPI []byte

// describe answers GET /openapi.json.
func (s *Server) describe(*http.Request) (any, error) { return json.RawMessage(openAPI), nil }
