package serve

import (
	"errors"
	"strings"
	"sync"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
)

// What requests take, measured (TestMemoryOfRequests).
const (
	perConnection = 48 << 10 // goroutine, buffers and header of a connection
	perByte       = 48       // of a body while it is parsed and tokenised
	perToken      = 16       // in the queue
	perText       = 512
)

// Memory is how many bytes all requests together can take, beside the models.
func (s *Server) Memory() int64 {
	o := &s.options
	bodies := int64(o.MaxConnections)*(light+perConnection) + o.Bodies
	parsed := perByte * (int64(cap(s.gate.turns))*o.MaxBody + int64(cap(s.gate.lightTurns))*light)
	return bodies + parsed + int64(o.QueueTokens)*perToken + int64(o.Queue)*perText
}

// Warm builds the networks of a model and their memory, with a full batch on each core and
// one beside, so that no request waits for that.
func (s *Server) Warm(m *infer.Model) error {
	text := strings.Repeat("a ", m.MaxLength())
	if m.Chooses() {
		return nil
	}
	e := m.Encode(data.Example{Text: text}, false)
	batch := []data.Encoded{e}
	for sum := e.Tokens(); sum+e.Tokens() <= s.options.BatchTokens; sum += e.Tokens() {
		batch = append(batch, e)
	}
	errs := make([]error, s.options.Workers+1)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() { _, errs[i] = m.Predict(batch) })
	}
	wait.Wait()
	return errors.Join(errs...)
}
