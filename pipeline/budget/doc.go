// Package budget meets a price or a quality that is asked for: it makes the candidates
// that cost it, lets them compete, and walks from price to price. It trains nothing
// itself.
//
// To read it: candidate.go (a model at a price), tournament.go (successive halving), walk.go
// (from price to price), latency.go (a price in time), family.go (several prices in one model).
package budget
