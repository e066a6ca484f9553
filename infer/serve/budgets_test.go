package serve

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/retention"
)

// budgeted is a server of the tiny model with three budgets, by default at the second.
func budgeted(t *testing.T) *Server {
	t.Helper()
	m := tiny(t, 2)
	m.Config.Budgets = retention.Family{{Share: 0.6, Keep: []int{13, 7}}, {Share: 0.4, Keep: []int{6, 2}}, {Share: 0.2, Keep: []int{1, 1}}}
	at, err := m.At(0.5)
	if err != nil {
		t.Fatal(err)
	}
	s := New(at, Options{})
	t.Cleanup(s.Close)
	return s
}

// A request has the budget that it asks for, in every dialect, and is told; one that asks
// for none has the server's.
func TestRequestsAskForBudgets(t *testing.T) {
	s, texts := budgeted(t), reviews(9)
	for _, c := range []struct {
		body, query string
		want        float64
	}{{"", "", 0.4}, {"0.7", "?budget=0.7", 0.6}, {"0.4", "?budget=0.4", 0.4}, {"0.39", "?budget=0.39", 0.2}, {"null", "", 0.4}} {
		m, err := s.sole().model.At(c.want)
		if err != nil {
			t.Fatal(err)
		}
		want, err := m.Classify(texts)
		if err != nil {
			t.Fatal(err)
		}
		body := batchOf(t, texts)
		if c.body != "" {
			body = strings.TrimSuffix(body, "}") + `, "budget": ` + c.body + "}"
		}
		w := ask(s, "POST", "/predict", body)
		said(t, "/predict "+c.body, w.Header(), c.want)
		var lists [][]teiScore
		decodeJSON(t, w.Body.Bytes(), &lists)
		for i, list := range lists {
			checkScores(t, m, list, want[i])
		}
		w = ask(s, "POST", "/classify"+c.query, encodeJSON(t, map[string]any{"input": texts}))
		said(t, "/classify"+c.query, w.Header(), c.want)
		var classes vllmResponse
		decodeJSON(t, w.Body.Bytes(), &classes)
		for i, class := range classes.Data {
			if class.Label != want[i].Label {
				t.Errorf("/classify%s says %q of text %d, want %q", c.query, class.Label, i, want[i].Label)
			}
		}
		w = ask(s, "POST", "/v2/models/model/infer"+c.query, encodeJSON(t, map[string]any{"inputs": []any{tensor{"text", "BYTES", []int{len(texts)}, texts}}}))
		said(t, "/v2"+c.query, w.Header(), c.want)
	}
	both := ask(s, "POST", "/predict?budget=0.2", `{"inputs": "good", "budget": 0.7}`)
	said(t, "the body's before the query's", both.Header(), 0.6)
}

// said wants an answer to tell at which budget it was made.
func said(t *testing.T, what string, h http.Header, want float64) {
	t.Helper()
	if got := h.Values("X-Budget"); !slices.Equal(got, []string{fmt.Sprint(want)}) {
		t.Errorf("%s: X-Budget is %v, want %v", what, got, want)
	}
}

// What no budget meets, or is no number, is refused, as it is of a model without budgets,
// whose answers say nothing of one.
func TestBudgetsThatAreRefused(t *testing.T) {
	s, plain := budgeted(t), server(t, Options{})
	for _, c := range []struct {
		s                *Server
		path, body, want string
	}{
		{s, "/predict", `{"inputs": "good", "budget": 0.1}`, "budget: the model has no budget of 0.1 or less, want one of 0.6, 0.4, 0.2, or more"},
		{s, "/classify?budget=cheap", `{"input": "good"}`, `budget is \"cheap\", want a share of the multiply-adds, as 0.33`},
		{s, "/classify?budget=NaN", `{"input": "good"}`, "budget: the model has no budget of NaN or less"},
		{plain, "/predict", `{"inputs": "good", "budget": 0.5}`, "budget: the model has one configuration and no budgets, but 0.5 is asked for"},
	} {
		w := ask(c.s, "POST", c.path, c.body)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: %d %s, want 422 with %s", c.path, c.body, w.Code, w.Body, c.want)
		}
	}
	if w := ask(plain, "POST", "/predict", `{"inputs": "good"}`); w.Code != http.StatusOK || w.Header().Get("X-Budget") != "" {
		t.Errorf("a model of one configuration answers %d at %q", w.Code, w.Header().Get("X-Budget"))
	}
}

// Texts of one batch are of one budget.
func TestBudgetsKeepApart(t *testing.T) {
	h := budgeted(t).sole()
	first, second := item{model: h.budgets[0]}, item{model: h.budgets[1]}
	if together(&first, &second) || !together(&first, &item{model: h.budgets[0]}) {
		t.Error("texts pass together by something else than their budget")
	}
}

// Steps are as far apart: none below a quarter, all before three quarters.
func TestShedSteps(t *testing.T) {
	for _, c := range []struct {
		fill        float64
		steps, want int
	}{{0, 2, 0}, {0.24, 2, 0}, {0.25, 2, 1}, {0.49, 2, 1}, {0.5, 2, 2}, {1, 2, 2}, {0.25, 1, 1}, {1, 0, 0}, {0.6, 5, 4}} {
		if got := shedSteps(c.fill, c.steps); got != c.want {
			t.Errorf("at %v of the queue %d of %d steps, want %d", c.fill, got, c.steps, c.want)
		}
	}
}

// A queue that fills lowers the budget of what comes next, which the answer and the metrics
// say; what asked for less already has no more, and without Shed nothing is lowered.
func TestLoadLowersBudgets(t *testing.T) {
	m := tiny(t, 2)
	m.Config.Budgets = retention.Family{{Share: 0.6, Keep: []int{13, 7}}, {Share: 0.4, Keep: []int{6, 2}}, {Share: 0.2, Keep: []int{1, 1}}}
	s := idle(t, Options{Queue: 8, Shed: true})
	s.Put("model", m)
	h := s.sole()
	for _, c := range []struct {
		waiting    int
		asks       *hosted
		share, was float64
	}{{0, h, 0.6, 0}, {1, h, 0.6, 0}, {2, h, 0.4, 0.6}, {4, h, 0.2, 0.6}, {8, h, 0.2, 0.6}, {2, h.budgets[1], 0.2, 0.4}, {8, h.budgets[2], 0.2, 0}} {
		s.queue.items = make(dueFirst, c.waiting)
		for _, shed := range []bool{true, false} {
			s.options.Shed = shed
			at, was := s.lowered(c.asks)
			if want := c.asks.model.Budget(); !shed && (at != c.asks || was != 0) {
				t.Errorf("without Shed %d texts lower %v", c.waiting, want)
			} else if shed && (at.model.Budget() != c.share || was != c.was) {
				t.Errorf("%d texts wait: %v has %v, was %v, want %v, %v", c.waiting, want, at.model.Budget(), was, c.share, c.was)
			}
		}
	}
	s.queue.items, s.queue.held = nil, s.queue.tokens/2
	if s.options.Shed = true; s.queue.fill() != 0.5 {
		t.Errorf("half of the tokens fill %v", s.queue.fill())
	}
	w := make(chan *httptest.ResponseRecorder)
	go func() { w <- ask(s, "POST", "/predict?budget=0.5", `{"inputs": "good"}`) }()
	s.resume()
	answer := <-w
	if b, without := answer.Header().Get("X-Budget"), answer.Header().Get("X-Budget-Without-Load"); b != "0.2" || without != "0.4" {
		t.Errorf("the answer was made at %q, and would have been at %q", b, without)
	}
	if text := ask(s, "GET", "/metrics", "").Body.String(); !strings.Contains(text, `powerbert_shed_total{budget="0.2"} 1`) {
		t.Errorf("the metrics are\n%s", text)
	}
	s.Close()
}
