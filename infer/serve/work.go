package serve

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/powerbert/powerbert/data"
)

// work runs n workers until the queue is closed and empty, and one for the short texts that
// pass beside. The threads of the former give way to those that read and answer requests.
func (s *Server) work(n int) {
	defer close(s.workers)
	var wait sync.WaitGroup
	for range n {
		wait.Go(func() {
			giveWay()
			for batch := s.queue.take(s.options.BatchTokens); len(batch) > 0; batch = s.queue.take(s.options.BatchTokens) {
				long := isLong(batch)
				s.compute(batch)
				if long {
					s.queue.ended()
				}
			}
		})
	}
	wait.Go(func() {
		var rest rests
		alarm := newAlarm()
		defer alarm.close()
		for batch := s.queue.takeAside(); len(batch) > 0; batch = s.queue.takeAside() {
			begin := time.Now()
			s.compute(batch)
			alarm.wait(rest.after(time.Since(begin), s.queue.batches()))
		}
	})
	wait.Wait()
}

// compute answers a batch and notes how long its texts have waited.
func (s *Server) compute(batch []item) {
	for _, it := range batch {
		s.metrics.step(stepQueue, time.Since(it.since))
	}
	s.answer(batch)
}

// answer predicts a batch of texts of one model. Where that fails every text is tried alone, so that one
// the model cannot take spoils no other request's.
func (s *Server) answer(batch []item) {
	batch = slices.DeleteFunc(batch, func(i item) bool { return i.ctx.Err() != nil })
	if len(batch) == 0 {
		return
	}
	examples, tokens := make([]data.Encoded, len(batch)), 0
	for i, it := range batch {
		examples[i] = it.example
		tokens += it.example.Tokens()
	}
	begin := time.Now()
	predictions, err := batch[0].model.model.Predict(examples)
	if err != nil && len(batch) > 1 {
		for i := range batch {
			s.answer(batch[i : i+1])
		}
		return
	}
	s.metrics.batch(len(batch), tokens, time.Since(begin))
	for i, it := range batch {
		a := answer{index: it.index, tokens: it.example.Tokens(), err: err}
		if err == nil {
			a.prediction = predictions[i]
		}
		it.answer <- a
	}
}

// predict has the texts of a client's request predicted, in their order.
func (s *Server) predict(ctx context.Context, client string, h *hosted, examples []data.Encoded) ([]answer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	done := make(chan answer, len(examples))
	items, now := make([]item, len(examples)), time.Now()
	for i, e := range examples {
		items[i] = item{ctx: ctx, client: client, model: h, example: e, answer: done, index: i, many: len(examples) > 1, since: now}
	}
	if err := s.queue.put(items); err != nil {
		return nil, err
	}
	answers := make([]answer, len(examples))
	for range examples {
		select {
		case a := <-done:
			if a.err != nil {
				return nil, fault{kind: backend, what: a.err.Error()}
			}
			answers[a.index] = a
		case <-ctx.Done():
			return nil, errLate
		}
	}
	return answers, nil
}
