package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/powerbert/powerbert/experiments/peer"
)

// start starts the server at an address, or on a socket that is kept open for it, with its
// log in a file.
func (s *strain) start(logFile, address string, kept *os.File) (*exec.Cmd, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the server has it, too
	if kept != nil {
		address = "fd:3" // the first of ExtraFiles
	}
	args := []string{s.program, "serve", s.dir, "--addr", address}
	if _, err := exec.LookPath("taskset"); err == nil {
		args = append([]string{"taskset", "-c", "0"}, args...)
	}
	c := exec.Command(args[0], args[1:]...)
	c.Stderr = log
	if kept != nil {
		c.ExtraFiles = []*os.File{kept}
	}
	return c, c.Start()
}

// ready waits until the server says that it is.
func ready(address string) error {
	for range 600 {
		if r, err := http.Get("http://" + address + "/health"); err == nil {
			return r.Body.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the server does not answer")
}

// stop ends a server and waits for it.
func stop(c *exec.Cmd) error { return errors.Join(c.Process.Signal(syscall.SIGTERM), c.Wait()) }

// keptSocket is an open socket that outlives servers, and its address.
func keptSocket() (address string, kept *os.File, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	defer l.Close() // kept is a descriptor of its own
	kept, err = l.(*net.TCPListener).File()
	return l.Addr().String(), kept, err
}

// served calls f with a server.
func (s *strain) served(f func(address string, c *exec.Cmd) error) error {
	address, err := peer.FreeAddress()
	if err != nil {
		return err
	}
	c, err := s.start(s.log, address, nil)
	if err != nil {
		return err
	}
	err = ready(address)
	if err == nil {
		err = f(address, c)
	}
	return errors.Join(err, stop(c))
}

// beside runs a client of short texts for the time of a measurement beside clients of
// another body. It is a process of its own, which does not wait for what those send.
func (s *strain) beside(ctx context.Context, address string, n int, body string, others *tally) (*tally, error) {
	ctx, cancel := context.WithCancel(ctx)
	wait := clients(ctx, n, address, body, others)
	defer wait.Wait()
	defer cancel()
	time.Sleep(s.time / 10)
	c := exec.CommandContext(ctx, filepath.Join(filepath.Dir(s.program), "strain"), "-ask", address, "-seconds", fmt.Sprint(s.time.Seconds()))
	text, err := c.Output()
	if err != nil {
		return nil, err
	}
	var told told
	t := &tally{}
	err = json.Unmarshal(text, &told)
	t.took, t.codes, t.lost, t.late = told.Took, told.Codes, told.Lost, told.Late
	return t, err
}

// A told is a tally that a process tells another.
type told struct {
	Took  []float64
	Codes map[int]int
	Lost  int
	Late  []float64
}

// askShort is a client of short texts for a time.
func askShort(ctx context.Context, address string, time time.Duration, out io.Writer) error {
	var t tally
	ctx, cancel := context.WithTimeout(ctx, time)
	defer cancel()
	late := make(chan []float64, 1)
	go func() { late <- lateness(ctx) }()
	clients(ctx, 1, address, short, &t).Wait()
	return json.NewEncoder(out).Encode(told{t.took, t.codes, t.lost, <-late})
}

// largeBodies is many clients of 1.8 MB beside one of short texts.
func (s *strain) largeBodies(ctx context.Context) error {
	return s.served(func(address string, c *exec.Cmd) error {
		var none, others tally
		alone, err := s.beside(ctx, address, 0, large, &none)
		if err != nil {
			return err
		}
		beside, err := s.beside(ctx, address, s.large, large, &others)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "short texts alone: %v\nshort texts beside %d clients of 1.8 MB: %v\nthose: %v\n", alone, s.large, beside, &others)
		fmt.Fprintf(s.out, "their p99 is %.1f times that alone; of what their own core keeps from them the p99 is %.1f ms alone and %.1f beside\n",
			beside.percentile(99)/alone.percentile(99), percentile(alone.late, 99), percentile(beside.late, 99))
		fmt.Fprintf(s.out, "memory: %s, bound: %s\n", peak(c.Process.Pid), said(s.lastLog(), "memory_bytes="))
		return nil
	})
}

// peak is the most memory that a process had, as Linux tells it.
func peak(pid int) string {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // elsewhere it is not told
	return strings.TrimSpace(said(string(status), "VmHWM:"))
}

// said is what a text has behind a key, up to the end of the word or line.
func said(text, key string) string {
	_, rest, _ := strings.Cut(text, key)
	end := strings.IndexAny(rest, "\n ")
	if key == "VmHWM:" {
		end = strings.IndexByte(rest, '\n')
	}
	return rest[:max(end, 0)]
}

// longBatches is 8 clients of 32 texts of 512 tokens beside one of short texts.
func (s *strain) longBatches(ctx context.Context) error {
	return s.served(func(address string, _ *exec.Cmd) error {
		const asking = 8
		var alone, others tally
		first, cancel := context.WithTimeout(ctx, s.time)
		clients(first, asking, address, long, &alone).Wait()
		cancel()
		beside, err := s.beside(ctx, address, asking, long, &others)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "8 clients of 32 texts of 512 tokens alone: %.2f requests/s, %v\nbeside one of short texts: %.2f requests/s, %v\nits: %v\n",
			alone.rate(asking), &alone, others.rate(asking), &others, beside)
		return nil
	})
}

// restart restarts the server under load, on a socket that is kept and on one of its own.
func (s *strain) restart(ctx context.Context) error {
	for _, keep := range []bool{true, false} {
		var address string
		var kept *os.File
		var err error
		if keep {
			address, kept, err = keptSocket()
		} else {
			address, err = peer.FreeAddress()
		}
		if err != nil {
			return err
		}
		t, err := s.restarted(ctx, address, kept)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%d restarts, socket kept %v: %v\n", s.restarts, keep, t)
	}
	return nil
}

// restarted is the tally of clients over the restarts.
func (s *strain) restarted(ctx context.Context, address string, kept *os.File) (*tally, error) {
	t := &tally{}
	c, err := s.start(s.log, address, kept)
	if err != nil {
		return nil, err
	}
	if err := ready(address); err != nil {
		return nil, errors.Join(err, stop(c))
	}
	asking, cancel := context.WithCancel(ctx)
	wait := clients(asking, 16, address, short, t)
	defer wait.Wait()
	defer cancel()
	for i := 0; i < s.restarts && ctx.Err() == nil; i++ {
		time.Sleep(300 * time.Millisecond)
		if err := stop(c); err != nil {
			return nil, err
		}
		if c, err = s.start(s.log, address, kept); err != nil {
			return nil, err
		}
		if err := ready(address); err != nil {
			return nil, errors.Join(err, stop(c))
		}
	}
	time.Sleep(300 * time.Millisecond)
	cancel()
	wait.Wait()
	return t, stop(c)
}
