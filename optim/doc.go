// Package optim trains: AdamW with groups of parameters, learning-rate
// schedules, clipping of the gradient's norm, and the projection that keeps the
// retention weights r in [0, 1] (Goyal et al. 2020, section 3.3).
//
// The optimiser is its own, not gorgonia's: its state can be saved and restored
// exactly, decay is decoupled, groups have their own learning rates, and several
// goroutines give the same bits as one.
//
// To read it: param.go (what is trained), schedule.go (the rate at a step), adamw.go (a step),
// part.go (its arithmetic, piece by piece), state.go (what a checkpoint keeps).
package optim
