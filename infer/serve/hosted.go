package serve

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/powerbert/powerbert/infer"
)

// A hosted is a model under its name. Who has begun with one ends with it, whatever has
// taken its place.
type hosted struct {
	name   string
	model  *infer.Model
	labels []string
	scored bool // a regression
}

// models are those of a server, by name.
type models struct {
	mu    sync.RWMutex
	names []string // in the order in which they came
	byKey map[string]*hosted
}

// put adds a model, or replaces the one of its name.
func (m *models) put(name string, of *infer.Model) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byKey == nil {
		m.byKey = map[string]*hosted{}
	}
	if m.byKey[name] == nil {
		m.names = append(m.names, name)
	}
	m.byKey[name] = &hosted{name: name, model: of, labels: of.Config.Labels(), scored: of.Scores()}
}

// named is the model of a name, the first one where the name is empty.
func (m *models) named(name string) (*hosted, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if name == "" {
		name = m.names[0]
	}
	if h := m.byKey[name]; h != nil {
		return h, nil
	}
	return nil, faultf(unknown, "there is no model %.100q here, only %s", name, strings.Trim(fmt.Sprintf("%q", m.names), "[]"))
}

// longest is the most tokens that any of the models reads of a text.
func (m *models) longest() (tokens int) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, h := range m.byKey {
		tokens = max(tokens, h.model.MaxLength())
	}
	return tokens
}

// requested is the model that a request's path names, or the first.
func (s *Server) requested(r *http.Request) (*hosted, error) {
	return s.models.named(r.PathValue("name"))
}
