// Package infer uses a trained model: it classifies texts, shows which words
// survive which encoder, and measures what that costs.
//
// Sequences are packed by their real lengths: nothing is padded unless a call
// asks for it. The one exception is a model whose word-vectors are scored with
// the votes of padding (pad_queries_vote): its inputs are always padded to the
// length that its retention configuration refers to, as they were in training.
//
// To read it, begin with the way of a text:
//
//	infer.go      Open, Classify, Encode: from a directory to predictions
//	run.go        batches of examples on networks side by side; timing.go beside it
//	stream.go     texts of any number, in their order
//	trace.go      which words survive, with follow.go and inspect.go
//	explain.go    what each word is to a prediction
//	budget.go     one model at several prices
//	precisions.go float32 and int8 beside each other; product.go names the kernels
//
// Then what becomes of a model elsewhere: export.go writes it as ONNX, with what a reader has
// to know, exportint8.go with products of bytes on grids; exportgraph.go is the graph, built
// from the same description of the network (model/arch) as ours; exportextract.go,
// exportpositions.go and exportbytes.go are what extraction, attention by position and bytes
// add to it. checked.go reads the file back, exportfolder.go puts it into optimum's layout.
// bench.go measures, digest.go tells models apart.
package infer
