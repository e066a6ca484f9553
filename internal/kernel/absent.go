//go:build !amd64

package kernel

// absent is the fault of a kernel that was called where there is none.
const absent = "kernel: no such vector kernel on this processor"
