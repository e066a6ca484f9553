//go:build !linux

package kernel

import "errors"

// permitAMX knows of no other system how to ask it.
func permitAMX() error { return errors.New("only on Linux is AMX used") }
