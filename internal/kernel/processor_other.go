//go:build !linux

package kernel

// processor tells nothing here.
func processor() int32 { return nowhere }

// depart does nothing where nobody knows where threads run.
func depart(int32) {}
