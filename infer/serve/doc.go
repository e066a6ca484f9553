// Package serve answers HTTP requests with models' predictions.
//
// It speaks three dialects: POST /predict has the shape of Hugging Face's
// text-embeddings-inference, POST /classify that of vLLM, and /v2 is the Open Inference
// Protocol that KServe and Triton speak. GET /openapi.json describes them; GET /health and
// GET /metrics (Prometheus) are for those who watch.
//
// A body is let in, parsed and tokenised as the gate has room for it, and its texts wait in
// one queue with those of all requests, which serves clients evenly. A worker per core
// takes what is due, up to a number of tokens, so that a busy server runs full batches and
// an idle one answers at once; nobody waits for a batch to fill. While all of them compute
// long texts one more takes short ones. What a text shares its batch with changes its
// prediction by rounding at most.
//
// To read it, follow a request:
//
//	listen.go     the listener, until it is told to end; listener.go, conns.go, conns_unix.go
//	server.go     the Server; routes.go says which path is what, observe.go what is noted
//	guard.go      the token
//	gate.go       how much of large bodies is let in at once; body.go, shorten.go
//	tei.go        a dialect; v2.go and vllm.go are the others, request.go what they have in common
//	queue.go      whose texts come next; shed.go lowers budgets before it is full
//	work.go       what a worker takes, and the answer
//	fault.go      what is refused, and how each dialect says so
//
// hosted.go and follow.go keep models, and replace one whose directory changes; options.go
// has every limit with its default, memory.go what they come to in bytes. metrics.go and
// openapi.go are for those who watch.
package serve
