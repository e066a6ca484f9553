package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/infer/serve"
)

// secure reads the token and the certificate.
func (f *serveFlags) secure() (err error) {
	if f.tokenFile != "" {
		if f.options.Token, err = serve.TokenFile(f.tokenFile); err != nil {
			return err
		}
	}
	if f.cert != "" {
		f.options.TLS, err = serve.Certificate(f.cert, f.key)
	}
	return err
}

// warnIfOpen warns of an address that others can reach, if there is neither token nor TLS.
func (f *serveFlags) warnIfOpen(at net.Addr) {
	tcp, ok := at.(*net.TCPAddr)
	if ok && !tcp.IP.IsLoopback() && f.options.Token == nil && f.options.TLS == nil {
		f.options.Log.Warn("everyone who reaches this address can ask, and what they ask can be read on the way; "+
			"use --token-file and --tls-cert, or --addr 127.0.0.1:8080 behind a proxy", "address", at)
	}
}

// sources opens the models of directories and says where they come from.
func (f *serveFlags) sources(dirs []string) (from []serve.Source, models []*infer.Model, err error) {
	if len(f.names) > 0 && len(f.names) != len(dirs) {
		return nil, nil, usagef("serve", "--name has %d names of %d models, want one of each", len(f.names), len(dirs))
	}
	taken := map[string]string{}
	for i, dir := range dirs {
		name, err := f.name(i, dir)
		if err != nil {
			return nil, nil, err
		}
		if other, ok := taken[name]; ok {
			return nil, nil, usagef("serve", "%s and %s are both called %q; give each a --name", other, dir, name)
		}
		taken[name] = dir
		from = append(from, serve.Source{Name: name, Dir: dir, Open: func() (*infer.Model, error) { return f.open(dir) }})
	}
	for _, s := range from {
		m, err := s.Open()
		if err != nil {
			return nil, nil, err
		}
		models = append(models, m)
	}
	return from, models, nil
}

// name is what model i is called: as --name says, or as its directory.
func (f *serveFlags) name(i int, dir string) (string, error) {
	if len(f.names) > 0 {
		return f.names[i], nil
	}
	path, err := filepath.Abs(dir)
	return filepath.Base(path), err
}

// open opens a model that can answer requests.
func (f *serveFlags) open(dir string) (*infer.Model, error) {
	m, err := openModel("serve", dir, f.maxLength, f.budget)
	if err != nil {
		return nil, err
	}
	if m.Chooses() {
		return nil, usagef("serve", "%s chooses among the options of a question, which a request has no place for; use `train predict`", dir)
	}
	return m, nil
}

// firstInherited is the descriptor of the first socket that systemd hands over
// (sd_listen_fds(3)).
const firstInherited = 3

// listen listens at an address, on the open socket fd:N, or on the one that systemd hands
// over to this process.
func listen(addr string) (net.Listener, error) {
	fd := -1
	if number, ok := strings.CutPrefix(addr, "fd:"); ok {
		n, err := strconv.Atoi(number)
		if err != nil || n < firstInherited {
			return nil, usagef("serve", "--addr is %s, want the number of an open socket from %d, as fd:3", addr, firstInherited)
		}
		fd = n
	} else if os.Getenv("LISTEN_PID") == strconv.Itoa(os.Getpid()) && os.Getenv("LISTEN_FDS") != "" {
		if n := os.Getenv("LISTEN_FDS"); n != "1" {
			return nil, usagef("serve", "systemd hands over %s sockets, want one ListenStream", n)
		}
		fd = firstInherited
	}
	if fd < 0 {
		l, err := net.Listen("tcp", addr)
		if errors.Is(err, syscall.EADDRINUSE) {
			err = fmt.Errorf("%w; end what listens there, or name another address with --addr", err)
		}
		return l, err
	}
	file := os.NewFile(uintptr(fd), "socket")
	defer file.Close() // the listener has a descriptor of its own
	l, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d is no socket that listens: %w", fd, err)
	}
	return l, nil
}
