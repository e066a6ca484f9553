// Package openblas calls OpenBLAS's matrix products, in builds with cgo and the tag
// openblas; in others it is empty. It is apart from package kernel because a package
// that uses cgo cannot have Go assembly.
package openblas
