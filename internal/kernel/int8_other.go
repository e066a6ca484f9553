//go:build !amd64 && !arm64

package kernel

// int8Kernels are those of this architecture.
var int8Kernels = []*int8Kernel{goInt8}
