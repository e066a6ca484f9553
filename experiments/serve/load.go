package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/powerbert/powerbert/metric"
)

// A Turn is how the requests of a load fared.
type Turn struct {
	Requests int // that were answered with 200
	Seconds  float64
	P50, P99 float64 // milliseconds
	Errors   int     // of the connection, timeouts and other answers
}

// load has so many connections ask a server about sentences for a time. Every connection sends
// one request at a time, begins elsewhere among the sentences, and goes to the next of the
// server's addresses.
func load(ctx context.Context, urls, sentences []string, connections int, seconds float64) (Turn, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds*float64(time.Second)))
	defer cancel()
	clients := make([]client, connections)
	for i := range clients {
		u, err := url.Parse(urls[i%len(urls)])
		if err != nil {
			return Turn{}, err
		}
		clients[i] = client{host: u.Host, path: u.Path}
	}
	begin := time.Now()
	var wait sync.WaitGroup
	for i := range clients {
		from := i * len(sentences) / connections
		wait.Go(func() { clients[i].ask(ctx, slices.Concat(sentences[from:], sentences[:from])) })
	}
	wait.Wait()
	t := Turn{Seconds: time.Since(begin).Seconds()}
	var took []float64
	for i := range clients {
		took, t.Errors = append(took, clients[i].took...), t.Errors+clients[i].errors
	}
	if t.Requests = len(took); t.Requests == 0 {
		return t, fmt.Errorf("%s answers nothing in %.1f s", urls[0], t.Seconds)
	}
	slices.Sort(took)
	t.P50, t.P99 = metric.Percentile(took, 50), metric.Percentile(took, 99)
	return t, nil
}

// A client is a connection, and how its requests fared.
type client struct {
	host, path string
	took       []float64 // milliseconds
	errors     int
}

// ask asks about sentences over and over until ctx ends, on one connection as long as that
// lasts.
func (c *client) ask(ctx context.Context, sentences []string) {
	for ctx.Err() == nil {
		if err := c.converse(ctx, sentences); err != nil {
			c.errors++
			time.Sleep(time.Millisecond)
		}
	}
}

// converse asks on a connection until ctx or the connection ends.
func (c *client) converse(ctx context.Context, sentences []string) error {
	conn, err := net.Dial("tcp", c.host)
	if err != nil {
		return err
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for i := 0; ctx.Err() == nil; i++ {
		begin := time.Now()
		_ = conn.SetDeadline(begin.Add(30 * time.Second))
		b := body(sentences[i%len(sentences)])
		if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", c.path, c.host, len(b), b); err != nil {
			return err
		}
		r, err := http.ReadResponse(answers, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return err
		}
		if r.StatusCode != http.StatusOK {
			c.errors++
			continue
		}
		c.took = append(c.took, time.Since(begin).Seconds()*1e3)
		if r.Close {
			return nil
		}
	}
	return nil
}
