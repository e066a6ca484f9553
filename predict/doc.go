// Package predict turns examples into outputs, in batches, on networks that work side by
// side. It joins the sequences of an example, the options of a question, and takes the
// outputs apart again.
//
// To read it: replicas.go has the networks and how work is dealt out to them, run.go a run
// over examples.
package predict
