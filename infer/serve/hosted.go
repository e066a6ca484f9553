package serve

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
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

	budgets []*hosted // the model at each of its budgets, the largest first; none of one configuration
}

// newHosted is a model under a name, with its budgets.
func newHosted(name string, of *infer.Model) *hosted {
	h := &hosted{name: name, model: of, labels: of.Config.Labels(), scored: of.Scores()}
	for _, share := range of.Config.Budgets.Shares() {
		if at, err := of.At(share); err == nil { // as each is one of its own
			h.budgets = append(h.budgets, &hosted{name: name, model: at, labels: h.labels, scored: h.scored})
		}
	}
	for _, at := range h.budgets {
		at.budgets = h.budgets
	}
	return h
}

// at is the model at the budget that a request asks for, in its body or else as ?budget=; as
// it is hosted where that asks for none.
func (h *hosted) at(r *http.Request, body *float64) (*hosted, error) {
	share, asked := 0.0, r.URL.Query().Get("budget")
	switch {
	case body != nil:
		share = *body
	case asked == "":
		return h, nil
	default:
		var err error
		if share, err = strconv.ParseFloat(asked, 64); err != nil {
			return nil, faultf(tokenizing, "budget is %.100q, want a share of the multiply-adds, as 0.33", asked)
		}
	}
	for _, at := range h.budgets {
		if at.model.Budget() <= share {
			return at, nil
		}
	}
	c := h.model.Config
	_, err := c.Within(share)
	return nil, faultf(tokenizing, "budget: %v", err)
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
	m.byKey[name] = newHosted(name, of)
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

// all are the names of the models.
func (m *models) all() []string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(m.names)
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
