// Package turns measures several ways to do the same thing. They take turns, so that a
// disturbance of the machine meets all of them and their measurements of one round may be
// compared.
package turns

import (
	"context"
	"time"
)

// A Way takes its turn of a round, from 0, and tells what that measured.
type Way func(round int) (float64, error)

// Take lets the ways take turns as long as more, which is asked after so many rounds,
// wants another round, and returns what was measured by way and round. Who comes first
// rotates. It reports the error of a way, and that of ctx when it ends.
func Take(ctx context.Context, more func(rounds int) bool, ways []Way) ([][]float64, error) {
	measured := make([][]float64, len(ways))
	for round := 0; more(round); round++ {
		for k := range ways {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			i := (round + k) % len(ways)
			value, err := ways[i](round)
			if err != nil {
				return nil, err
			}
			measured[i] = append(measured[i], value)
		}
	}
	return measured, nil
}

// Rounds wants so many rounds.
func Rounds(n int) (more func(rounds int) bool) {
	return func(rounds int) bool { return rounds < n }
}

// During wants rounds until a time from now is over, and so many of them at least.
func During(budget time.Duration, least int) (more func(rounds int) bool) {
	start := time.Now()
	return func(rounds int) bool { return rounds < least || time.Since(start) < budget }
}

// Seconds is a way that is measured by the time it takes.
func Seconds(do func(round int) error) Way {
	return func(round int) (float64, error) {
		start := time.Now()
		err := do(round)
		return time.Since(start).Seconds(), err
	}
}
