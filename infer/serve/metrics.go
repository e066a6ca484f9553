package serve

import (
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
}

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
	}
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "powerbert_queue_texts", Help: "Texts that wait for the model."}, func() float64 { return float64(q.len()) })
	m.registry.MustRegister(m.requests, m.seconds, m.texts, m.tokens, waiting,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// request counts an answered request.
func (m *metrics) request(route string, code int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(code)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// batch counts a batch that passed the model.
func (m *metrics) batch(texts, tokens int) {
	m.texts.Observe(float64(texts))
	m.tokens.Add(float64(tokens))
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
