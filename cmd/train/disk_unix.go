//go:build linux || darwin

package main

import "golang.org/x/sys/unix"

// diskFree is the bytes that a user may still write where the folder lies.
func diskFree(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
