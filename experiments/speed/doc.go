// Speed times powerbert beside PyTorch, ONNX Runtime and OpenVINO: the same weights and
// inputs, turn by turn on the same machine. README.md says how to run it.
//
// To read it: rows.go (what is timed), main.go (the run), job.go, process.go and serve.go
// (the programs that take turns), models.go (their files), measure.go and stats.go (what the
// turns come to), report.go and tables.go (the record).
package main
