// Package estimate foretells what stages will take: memory, multiply-adds, time and disk
// space of a plan, before it is followed. It counts, and times some steps.
//
// To read it: estimate.go has what comes out, work.go the multiply-adds of a plan, memory.go
// the bytes, rate.go the time of a few steps, fit.go which settings would fit.
package estimate
