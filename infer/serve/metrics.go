package serve

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what GET /metrics shows, with those of Go and the process.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec   // by route and status
	seconds  *prometheus.HistogramVec // by route
	texts    prometheus.Histogram     // of a batch
	tokens   prometheus.Counter
	refusals *prometheus.CounterVec   // by what was wrong
	steps    *prometheus.HistogramVec // by step
	shut     prometheus.Counter
	shed     *prometheus.CounterVec // by budget
}

// The steps of a request, whose time is told apart.
const (
	stepTokenise = "tokenise" // to parse a body and turn its texts into tokens
	stepQueue    = "queue"    // that a text waits
	stepCompute  = "compute"  // that a batch takes
)

func newMetrics(q *queue) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "powerbert_requests_total", Help: "Requests answered, by route and status."}, []string{"route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "powerbert_request_seconds", Help: "Time from a request's header to its answer.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 16)}, []string{"route"}),
		texts: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "powerbert_batch_texts", Help: "Texts that passed the model together.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 10)}),
		tokens: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "powerbert_tokens_total", Help: "Tokens that passed the model."}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "powerbert_refusals_total", Help: "Requests that were refused, by what was wrong."}, []string{"reason"}),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "powerbert_step_seconds", Help: "Time of a step: a body parsed and tokenised, a text in the queue, a batch computed.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 18)}, []string{"step"}),
		shut: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "powerbert_connections_refused_total", Help: "Connections beyond --max-connections."}),
	}
	m.shed = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "powerbert_shed_total", Help: "Requests answered at a lower budget than they would have been without load, by budget."}, []string{"budget"})
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "powerbert_queue_texts", Help: "Texts that wait for the model."}, func() float64 { return float64(q.len()) })
	m.registry.MustRegister(m.requests, m.seconds, m.texts, m.tokens, m.refusals, m.steps, m.shut, m.shed, waiting,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// request counts an answered request.
func (m *metrics) request(route string, code int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(code)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// refusal counts a request that was refused.
func (m *metrics) refusal(reason string) { m.refusals.WithLabelValues(reason).Inc() }

// lowered counts a request that was answered at a lower budget for the load.
func (m *metrics) lowered(budget float64) { m.shed.WithLabelValues(fmt.Sprint(budget)).Inc() }

// step counts what a step took.
func (m *metrics) step(step string, took time.Duration) {
	m.steps.WithLabelValues(step).Observe(took.Seconds())
}

// batch counts a batch that passed the model.
func (m *metrics) batch(texts, tokens int, took time.Duration) {
	m.step(stepCompute, took)
	m.texts.Observe(float64(texts))
	m.tokens.Add(float64(tokens))
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
