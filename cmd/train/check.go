package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// A checking is how `train serve --check` asks: in plain HTTP, over TLS by certificates
// that are trusted, or over TLS whatever the server shows.
type checking struct {
	check    bool
	ca       string
	insecure bool
}

// register adds the flags to the command.
func (f *checking) register(c *cobra.Command) {
	flags := c.Flags()
	flags.BoolVar(&f.check, "check", false, "ask the server at --addr whether it is ready: exit code 0 or 1")
	flags.StringVar(&f.ca, "tls-ca", "", "--check over TLS: certificates in PEM, one of which vouches for the server's")
	flags.BoolVar(&f.insecure, "insecure", false, "--check over TLS: whatever the certificate; for a server of this machine, to which nothing is told")
	c.MarkFlagsMutuallyExclusive("tls-ca", "insecure")
}

// args refuses a directory beside --check, and flags of TLS without it.
func (f *checking) args(args []string) error {
	switch {
	case f.check && len(args) > 0:
		return errors.New("--check takes no DIR: it asks the server at --addr")
	case !f.check && (f.ca != "" || f.insecure):
		return errors.New("--tls-ca and --insecure are about --check, which is missing")
	}
	return nil
}

// ask asks the server at an address whether it is ready.
func (f *checking) ask(ctx context.Context, addr string) error {
	url, err := f.url(addr)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 5 * time.Second}
	if client.Transport, err = f.transport(); err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server at %s answers %s", addr, response.Status)
	}
	return nil
}

// url is where the server at an address says whether it is ready.
func (f *checking) url(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if f.ca != "" || f.insecure {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/health", nil
}

// transport trusts what the flags say.
func (f *checking) transport() (*http.Transport, error) {
	trust := &tls.Config{InsecureSkipVerify: f.insecure}
	if f.ca != "" {
		text, err := os.ReadFile(f.ca)
		if err != nil {
			return nil, err
		}
		trust.RootCAs = x509.NewCertPool()
		if !trust.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s: holds no certificate in PEM", f.ca)
		}
	}
	return &http.Transport{TLSClientConfig: trust}, nil
}
