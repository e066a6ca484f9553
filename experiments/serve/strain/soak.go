package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// A soak is a server under load for long, and what goes wrong around it meanwhile.
type soak struct {
	*strain
	address string
	kept    *os.File // its socket, open over all of its lives
	server  *exec.Cmd
	most    int // descriptors that a life ended with, at most
	log     string
	weights []byte
	next    int            // of the faults
	counts  map[string]int // of each
}

// faults are what goes wrong, in turns.
var faults = []struct {
	name   string
	happen func(*soak) error
}{
	{"restarts", (*soak).restart},
	{"damaged models", (*soak).damage},
	{"models replaced", (*soak).replace},
	{"lives with a full disk for the log", (*soak).fill},
	{"jumps of the clock", (*soak).jump},
}

// quarters are the parts that the time of a soak is told in.
const quarters = 4

// soaked runs clients of short texts, whose answers must stay as they are to the bit, of
// long batches, of large bodies and of noise against a server, with a fault after the
// other, for the whole time. Short texts are tallied by quarters.
func (s *strain) soaked(ctx context.Context) (err error) {
	k := &soak{strain: s, counts: map[string]int{}}
	if err := k.begin(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.kept.Close()) }()
	want, err := ask(k.address)
	if err != nil {
		return errors.Join(err, stop(k.server))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var longs, larges tally
	others := clients(ctx, 2, k.address, long, &longs)
	larger := clients(ctx, 2, k.address, large, &larges)
	go noise(ctx, k.address)
	for q := range quarters {
		shorts := &tally{want: want}
		quarter, end := context.WithTimeout(ctx, s.time/quarters)
		asking := clients(quarter, 8, k.address, short, shorts)
		err := k.suffer(quarter)
		asking.Wait()
		end()
		if err != nil {
			return errors.Join(err, stop(k.server))
		}
		fmt.Fprintf(s.out, "quarter %d: %v, %d other answers\n", q+1, shorts, shorts.wrong)
	}
	cancel()
	others.Wait()
	larger.Wait()
	fmt.Fprintf(s.out, "long batches: %v\nlarge bodies: %v\n", &longs, &larges)
	for _, f := range faults {
		fmt.Fprintf(s.out, "%s: %d\n", f.name, k.counts[f.name])
	}
	err = k.end()
	fmt.Fprintf(s.out, "descriptors at the end of a life: %d at most\n", k.most)
	return err
}

// begin opens the socket, keeps the model's weights and starts the server.
func (k *soak) begin() (err error) {
	if k.address, k.kept, err = keptSocket(); err != nil {
		return err
	}
	if k.weights, err = os.ReadFile(k.file()); err != nil {
		return err
	}
	return k.live(k.strain.log)
}

// file is that of the model's weights.
func (k *soak) file() string { return filepath.Join(k.dir, "model.safetensors") }

// live starts a life of the server, which logs to a file.
func (k *soak) live(log string) (err error) {
	k.log = log
	if k.server, err = k.start(log, k.address, k.kept); err != nil {
		return err
	}
	return ready(k.address)
}

// suffer has faults happen until ctx ends.
func (k *soak) suffer(ctx context.Context) error {
	for ; ctx.Err() == nil; k.next++ {
		f := faults[k.next%len(faults)]
		if err := f.happen(k); errors.Is(err, errors.ErrUnsupported) {
			continue
		} else if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		k.counts[f.name]++
		select {
		case <-ctx.Done():
		case <-time.After(min(k.time/100, 10*time.Second)):
		}
	}
	return nil
}

// end ends a life of the server and looks how many descriptors it held.
func (k *soak) end() error {
	open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", k.server.Process.Pid)) // elsewhere it is not told
	k.most = max(k.most, len(open))
	return stop(k.server)
}

func (k *soak) restart() error { return errors.Join(k.end(), k.live(k.strain.log)) }

// fill gives the server a life whose log has no room, where there is such a file.
func (k *soak) fill() error {
	if runtime.GOOS != "linux" {
		return errors.ErrUnsupported
	}
	return errors.Join(k.end(), k.live("/dev/full"))
}

// damage puts weights in place that are cut short, waits until the server has refused
// them, and puts the others back.
func (k *soak) damage() error {
	if k.log != k.strain.log {
		return errors.Join(k.restart(), k.damage())
	}
	before := k.logged("the model stays as it was")
	if err := k.put(k.weights[:len(k.weights)-1]); err != nil {
		return err
	}
	return errors.Join(k.until("the model stays as it was", before), k.replace())
}

// replace writes the weights anew and waits until the server has taken them.
func (k *soak) replace() error {
	if k.log != k.strain.log {
		return errors.Join(k.restart(), k.replace())
	}
	before := k.logged("the model is replaced")
	return errors.Join(k.put(k.weights), k.until("the model is replaced", before))
}

// put puts weights in the place of the model's, at once.
func (k *soak) put(weights []byte) error {
	beside := k.dir + ".new"
	return errors.Join(os.WriteFile(beside, weights, 0o644), os.Rename(beside, k.file()))
}

// logged is how often the server has said something.
func (k *soak) logged(what string) int {
	text, _ := os.ReadFile(k.strain.log) // none says nothing
	return bytes.Count(text, []byte(what))
}

// until waits until the server has said something more often than before.
func (k *soak) until(what string, before int) error {
	for range 1200 {
		if k.logged(what) > before {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("the server does not say that %s", what)
}

// jump sets the clock of the machine an hour ahead and back, where it is asked for.
func (k *soak) jump() error {
	if !k.clock {
		return errors.ErrUnsupported
	}
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		to := fmt.Sprintf("@%.3f", float64(time.Now().Add(by).UnixMilli())/1e3)
		if out, err := exec.Command("date", "-s", to).CombinedOutput(); err != nil {
			return fmt.Errorf("date -s %s: %w: %s", to, err, out)
		}
		time.Sleep(time.Second)
	}
	return nil
}

// ask is what the server answers to a short text.
func ask(address string) (string, error) {
	r, err := http.Post("http://"+address+"/predict", "application/json", strings.NewReader(short))
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("the server answers %s: %s", r.Status, text)
	}
	return string(text), err
}

// noise sends what is no request, and requests that end early, until ctx ends.
func noise(ctx context.Context, address string) {
	for i := 0; ctx.Err() == nil; i++ {
		if c, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			half := "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"inputs\": \"half"
			_, _ = io.WriteString(c, []string{"\x16\x03\x01\x02\x00", half, "GET / HTTP/9.9\r\n\r\n"}[i%3]) // it may be refused
			_ = c.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
}
