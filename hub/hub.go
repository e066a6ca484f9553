package hub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/paths"
)

// A Client finds models. Its zero value is not usable; start from FromEnv.
type Client struct {
	Endpoint string         // URL of the hub, without a slash at the end
	Cache    string         // folder of the cache
	Token    string         // sent to the host of Endpoint, and to no other; "": none
	Offline  bool           // look into the cache only
	Report   func(Progress) // is told how a download goes; nil: nobody is
	Log      *slog.Logger   // nil: no log

	patience time.Duration // for an answer, and for the next bytes
	pause    time.Duration // before a broken download is tried again, doubled each time
}

// Progress is how far the download of a file has come, in bytes.
type Progress struct {
	File        string
	Done, Total int64 // Total is −1 where the hub does not say
}

// String is the progress in a few words.
func (p Progress) String() string {
	if p.Total < 0 {
		return fmt.Sprintf("download %s %.1f MB", p.File, float64(p.Done)/1e6)
	}
	return fmt.Sprintf("download %s %.1f of %.1f MB", p.File, float64(p.Done)/1e6, float64(p.Total)/1e6)
}

// FromEnv is a client with the settings of huggingface_hub's environment
// variables: HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_TOKEN_PATH,
// HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE. Those that name a path may have ~ and $VAR in it.
func FromEnv() *Client {
	home := paths.Env("HF_HOME")
	if home == "" {
		cache := paths.Env("XDG_CACHE_HOME")
		if cache == "" {
			user, _ := os.UserHomeDir() // "": below the current folder
			cache = filepath.Join(user, ".cache")
		}
		home = filepath.Join(cache, "huggingface")
	}
	return &Client{
		Endpoint: strings.TrimRight(cmp.Or(os.Getenv("HF_ENDPOINT"), "https://huggingface.co"), "/"),
		Cache:    cmp.Or(paths.Env("HF_HUB_CACHE"), paths.Env("HUGGINGFACE_HUB_CACHE"), filepath.Join(home, "hub")),
		Token:    token(home),
		Offline:  isOn("HF_HUB_OFFLINE") || isOn("TRANSFORMERS_OFFLINE"),
		patience: 10 * time.Second,
		pause:    time.Second,
	}
}

// token is HF_TOKEN, else what `hf auth login` has left.
func token(home string) string {
	if t := cmp.Or(os.Getenv("HF_TOKEN"), os.Getenv("HUGGING_FACE_HUB_TOKEN")); t != "" {
		return strings.TrimSpace(t)
	}
	text, err := os.ReadFile(cmp.Or(paths.Env("HF_TOKEN_PATH"), filepath.Join(home, "token")))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func isOn(variable string) bool {
	return slices.Contains([]string{"1", "ON", "YES", "TRUE"}, strings.ToUpper(os.Getenv(variable)))
}

// CheckEndpoint reports an Endpoint that is not the URL of a web server.
func (c *Client) CheckEndpoint() error {
	_, err := c.home()
	return err
}

// home is the Endpoint's URL.
func (c *Client) home() (*url.URL, error) {
	home, err := url.Parse(c.Endpoint)
	if err != nil || home.Host == "" || home.Scheme != "https" && home.Scheme != "http" {
		return nil, fmt.Errorf("HF_ENDPOINT is %q, want a URL as https://huggingface.co", c.Endpoint)
	}
	return home, nil
}

// Parts are what of a model is asked for.
type Parts uint8

// The parts of a model.
const (
	Weights   Parts = 1 << iota // and config.json
	Tokenizer                   // vocab.txt, tokenizer.json or spiece.model
)

// Dir is the directory of a model by its name: the name itself, if there is such
// a directory or file here or the name is none of the hub's; else the snapshot of
// that repository in the cache, after the download of the parts that it lacks.
//
// Where the hub cannot be asked, what the cache has serves, with a warning. What
// is wrong with the name or the repository is an *Error. A download that ctx
// ends goes on from there the next time.
func (c *Client) Dir(ctx context.Context, name string, parts Parts) (string, error) {
	id, ok := Parse(name)
	if !ok || atomicfile.Exists(name) {
		return name, nil
	}
	r := c.repo(id)
	dir, err := r.cached(parts)
	if c.Offline {
		return dir, err
	}
	if err == nil && r.settled(dir) {
		return dir, nil
	}
	fetched, failed := r.fetch(ctx, parts)
	if failed == nil || err != nil || ctx.Err() != nil || errors.As(failed, new(*DamageError)) {
		return fetched, failed
	}
	c.log().Warn("using what the cache has, since the hub does not give it", "model", name, "error", failed)
	return dir, nil
}

func (c *Client) log() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}

// repo is a revision of a repository, in the cache and at the hub.
type repo struct {
	*Client
	ID
	folder string // of the cache
}

func (c *Client) repo(id ID) *repo {
	return &repo{c, id, filepath.Join(c.Cache, id.folder())}
}

// fetch downloads what the cache lacks of the revision as it now is.
func (r *repo) fetch(ctx context.Context, parts Parts) (string, error) {
	commit, files, err := r.ask(ctx)
	if err != nil {
		return "", err
	}
	dir := r.snapshot(commit)
	get := func(name string) error { return r.get(ctx, commit, name) }
	if parts&Tokenizer != 0 {
		err = r.getTokenizer(commit, files, get)
	}
	if err == nil && parts&Weights != 0 {
		err = r.getModel(dir, files, get)
	}
	if err == nil {
		err = r.lacks(dir, parts)
	}
	if err == nil {
		err = r.setRef(commit)
	}
	if err != nil {
		return "", err
	}
	r.log().Info("model of the hub", "model", r.Repo, "commit", commit)
	return dir, nil
}
