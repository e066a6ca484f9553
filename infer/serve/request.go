package serve

import (
	"net/http"
	"strings"
	"time"

	"github.com/powerbert/powerbert/data"
)

// A text of a request.
type text struct {
	data.Example
	paired bool
}

// A predictRequest is what a request wants: predictions of texts by a model, and how they are
// answered.
type predictRequest struct {
	model    *hosted
	texts    []text
	truncate bool // texts that are too long, rather than refuse them
	answer   func([]answer) any
}

// A dialect reads a request of one shape. What it returns keeps nothing of the body.
type dialect func(r *http.Request, body []byte) (*predictRequest, error)

// answering is the endpoint of a dialect: the body is let in and parsed, its texts
// tokenised, queued, and answered.
func (s *Server) answering(parse dialect) endpoint {
	return func(r *http.Request) (any, error) {
		a, examples, err := s.admit(r, parse)
		if err != nil {
			return nil, err
		}
		h, was := s.lowered(a.model)
		answers, err := s.predict(r.Context(), r.RemoteAddr, h, examples)
		if err != nil {
			return nil, err
		}
		if was > 0 {
			s.metrics.lowered(h.model.Budget())
		}
		return atBudget{a.answer(answers), h.model.Budget(), was}, nil
	}
}

// admit reads a request and tokenises its texts, as the gate lets it.
func (s *Server) admit(r *http.Request, parse dialect) (*predictRequest, []data.Encoded, error) {
	body, leave, err := s.readBody(r)
	if err != nil {
		return nil, nil, err
	}
	defer leave()
	done, err := s.gate.turn(r.Context(), len(body))
	if err != nil {
		return nil, nil, err
	}
	defer done()
	begin := time.Now()
	defer func() { s.metrics.step(stepTokenise, time.Since(begin)) }()
	if len(body) <= light {
		return s.read(r, parse, body, "")
	}
	var a *predictRequest
	var examples []data.Encoded
	givingWay(func() { a, examples, err = s.readLarge(r, parse, body) })
	return a, examples, err
}

// readLarge is read of a large body, of whose strings the model can read no more than begins.
func (s *Server) readLarge(r *http.Request, parse dialect, body []byte) (*predictRequest, []data.Encoded, error) {
	keep := max(perTokenKept*s.models.longest(), leastKept)
	if short, cut := shorten(body, keep); cut {
		a, examples, err := s.read(r, parse, short, "more than ")
		if err != nil || a.whole(examples, keep) {
			return a, examples, err
		}
	}
	return s.read(r, parse, body, "")
}

// read parses a body and tokenises its texts. least stands before the tokens of one that has
// too many.
func (s *Server) read(r *http.Request, parse dialect, body []byte, least string) (*predictRequest, []data.Encoded, error) {
	a, err := parse(r, body)
	if err != nil {
		return nil, nil, err
	}
	if err := s.check(a); err != nil {
		return nil, nil, err
	}
	examples, err := a.encode(least)
	return a, examples, err
}

// encode turns the texts into what the model reads. Those that would be cut are refused
// unless truncate; least stands before how many tokens they have.
func (a *predictRequest) encode(least string) ([]data.Encoded, error) {
	examples := make([]data.Encoded, len(a.texts))
	for i, t := range a.texts {
		examples[i] = a.model.model.Encode(t.Example, t.paired)
		if e := examples[i]; e.Cut > 0 && !a.truncate {
			return nil, faultf(validation, "input %d has %s%d tokens, want at most %d, or leave it to truncate", i+1, least, len(e.IDs)+e.Cut, a.model.model.MaxLength())
		}
	}
	return examples, nil
}

// check refuses texts before any more work goes into them.
func (s *Server) check(a *predictRequest) error {
	if a.model.model.Chooses() {
		return faultf(tokenizing, "the model chooses among the options of a question, which a request has no place for")
	}
	if len(a.texts) == 0 {
		return faultf(empty, "inputs is empty, want a text")
	}
	if err := s.few(len(a.texts)); err != nil {
		return err
	}
	for i, t := range a.texts {
		if strings.TrimSpace(t.Text) == "" {
			return faultf(empty, "input %d is empty, want a text", i+1)
		}
		if t.paired && !a.model.model.TakesPairs() {
			return faultf(tokenizing, "input %d is a pair, and the model takes none", i+1)
		}
		if !t.paired && a.model.model.WantsPairs() {
			return faultf(tokenizing, "input %d is one text, and the model was trained on pairs; want two, as [\"a text\", \"another\"]", i+1)
		}
	}
	return nil
}

// few refuses more texts than a request may have.
func (s *Server) few(texts int) error {
	if most := s.options.MaxInputs; texts > most {
		return faultf(validation, "%d inputs are more than the %d that a request may have", texts, most)
	}
	return nil
}
