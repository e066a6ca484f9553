package main

import (
	"net"
	"strings"
	"testing"
)

// An address that another program has is refused with the flag that names one.
func TestAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := listen(l.Addr().String()); err == nil || !strings.Contains(err.Error(), "name another address with --addr") {
		t.Errorf("listening twice: %v", err)
	}
}
