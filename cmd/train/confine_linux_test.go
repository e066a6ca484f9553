package main

import (
	"os"
	"os/exec"
	"syscall"
)

// canConfine tells whether confine works here.
func canConfine() bool { return os.Getuid() == 0 }

// confine gives a process a folder as its root, and a user.
func confine(c *exec.Cmd, root string, uid, gid int) {
	c.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
