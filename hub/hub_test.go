package hub

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/powerbert/powerbert/hub/hubtest"
)

const (
	repoName = "google-bert/bert-tiny"
	all      = Weights | Tokenizer
)

var background = context.Background()

// published is a repository as many are: several forms of weights, and what no
// BERT here needs.
func published() map[string]string {
	return map[string]string{
		"config.json": `{"model_type": "bert"}`, "vocab.txt": "[PAD]\n", "tokenizer_config.json": "{}", "README.md": "x", ".gitattributes": "y",
		"model.safetensors": strings.Repeat("weights of safetensors ", 5000), "pytorch_model.bin": "pickled", "tf_model.h5": "other", "onnx/model.onnx": "z",
	}
}

// serve starts a hub, and a client of it with an empty cache.
func serve(t *testing.T, files map[string]string) (*hubtest.Server, *Client) {
	t.Helper()
	s := hubtest.New(repoName, files)
	t.Cleanup(s.Close)
	t.Cleanup(func() {
		if leaks := s.Leaks(); len(leaks) > 0 {
			t.Errorf("the token went to the CDN: %q", leaks)
		}
	})
	return s, &Client{Endpoint: s.URL, Cache: filepath.Join(t.TempDir(), "hub"), patience: 5 * time.Second, pause: time.Millisecond}
}

// found is the directory of a model, which must be found.
func found(t *testing.T, c *Client, name string, parts Parts) string {
	t.Helper()
	dir, err := c.Dir(background, name, parts)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// tree lists the files below a folder, links with their targets.
func tree(t *testing.T, root string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		if d.Type()&fs.ModeSymlink != 0 {
			target, _ := os.Readlink(path)
			name += " -> " + target
		}
		if !d.IsDir() {
			list = append(list, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func fails(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is\n%v\nwant\n%s", err, want)
	}
}

// The cache is laid out as huggingface_hub lays it out.
func TestDownload(t *testing.T) {
	s, c := serve(t, published())
	var seen []Progress
	c.Report = func(p Progress) { seen = append(seen, p) }
	dir := found(t, c, repoName, all)
	var want []string
	etags := make(map[string]string)
	for _, name := range []string{"config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"} {
		etags[name] = hubtest.ETag(name, s.Files[name])
		want = append(want, "snapshots/"+hubtest.Commit+"/"+name+" -> ../../blobs/"+etags[name])
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(text) != s.Files[name] {
			t.Errorf("%s is %.20q, %v", name, text, err)
		}
	}
	for _, etag := range etags {
		want = append(want, "blobs/"+etag)
	}
	want = append(want, "refs/main")
	for _, name := range tokenizerFiles {
		if _, ok := s.Files[name]; !ok {
			want = append(want, ".no_exist/"+hubtest.Commit+"/"+name)
		}
	}
	slices.Sort(want)
	got := tree(t, filepath.Join(c.Cache, "models--google-bert--bert-tiny"))
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("the cache has\n%q\nwant\n%q", got, want)
	}
	if ref, err := os.ReadFile(filepath.Join(c.Cache, "models--google-bert--bert-tiny/refs/main")); string(ref) != hubtest.Commit {
		t.Errorf("refs/main is %q, %v", ref, err)
	}
	size := int64(len(s.Files["model.safetensors"]))
	if last := seen[len(seen)-1]; last != (Progress{"model.safetensors", size, size}) || last.String() != "download model.safetensors 0.1 of 0.1 MB" {
		t.Errorf("the last progress is %v", last)
	}
	s.Requests()
	if again := found(t, c, repoName, all); again != dir {
		t.Errorf("the second time it is in %s, not %s", again, dir)
	}
	if q := s.Requests(); !slices.Equal(q, []string{"hub GET /api/models/google-bert/bert-tiny/revision/main"}) {
		t.Errorf("the second time it asks %q", q)
	}
}

// Only the parts that are asked for come.
func TestParts(t *testing.T) {
	_, c := serve(t, published())
	dir := found(t, c, repoName, Tokenizer)
	if list := tree(t, dir); len(list) != 2 {
		t.Errorf("with the tokenizer came %q", list)
	}
	found(t, c, repoName, Weights)
	if list := tree(t, dir); len(list) != 4 {
		t.Errorf("with the weights there are %q", list)
	}
}

// Of several forms of weights the best comes, whole.
func TestForms(t *testing.T) {
	index := func(names ...string) string {
		var entries []string
		for _, n := range names {
			entries = append(entries, `"`+n+`.weight": "`+n+`"`, `"`+n+`.bias": "`+n+`"`)
		}
		return `{"weight_map": {` + strings.Join(entries, ", ") + `}}`
	}
	base := map[string]string{"config.json": "{}", "tokenizer.json": "{}"}
	with := func(files map[string]string) map[string]string { maps.Copy(files, base); return files }
	for _, c := range []struct {
		files map[string]string
		want  []string
		err   string
	}{
		{with(map[string]string{"pytorch_model.bin": "p"}), []string{"pytorch_model.bin"}, ""},
		{with(map[string]string{"pytorch_model.bin": "p", "model.safetensors.index.json": index("a.safetensors", "b.safetensors"), "a.safetensors": "1", "b.safetensors": "2"}),
			[]string{"a.safetensors", "b.safetensors", "model.safetensors.index.json"}, ""},
		{with(map[string]string{"pytorch_model.bin.index.json": index("x.bin"), "x.bin": "1", "y.bin": "2"}), []string{"pytorch_model.bin.index.json", "x.bin"}, ""},
		{with(map[string]string{"pytorch_model.bin.index.json": index("x.bin", "y.bin"), "x.bin": "1"}), nil,
			`google-bert/bert-tiny: pytorch_model.bin.index.json names the shard "y.bin", which the repository has not`},
		{with(map[string]string{"model.safetensors.index.json": index("../../../x.bin")}), nil,
			`google-bert/bert-tiny: model.safetensors.index.json names the shard "../../../x.bin", which the repository has not`},
		{with(map[string]string{"model.safetensors.index.json": "{"}), nil, "model.safetensors.index.json: unexpected end of JSON input"},
		{with(map[string]string{"tf_model.h5": "t"}), nil,
			"google-bert/bert-tiny: has neither model.safetensors nor pytorch_model.bin, nor shards of either; weights of other frameworks are not read"},
		{map[string]string{"tokenizer.json": "{}", "model.safetensors": ""}, nil, "google-bert/bert-tiny: has no config.json, so transformers does not load it either"},
		{map[string]string{"config.json": "{}", "model.safetensors": ""}, nil,
			"google-bert/bert-tiny: has none of vocab.txt, tokenizer.json, spiece.model, vocab.json, sentencepiece.bpe.model, spm.model; give tokenizer.vocab those of another model"},
	} {
		_, client := serve(t, c.files)
		dir, err := client.Dir(background, repoName, all)
		if c.err != "" {
			fails(t, err, c.err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, line := range tree(t, dir) {
			if name, _, _ := strings.Cut(line, " "); base[name] == "" {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("of %q came %q, want %q", slices.Sorted(maps.Keys(c.files)), got, c.want)
		}
	}
}

// A directory or file of that name, and what is no name of the hub's, are taken
// as they are.
func TestLocalNamesWin(t *testing.T) {
	s, c := serve(t, published())
	t.Chdir(t.TempDir())
	if err := os.MkdirAll(repoName, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{repoName, "./absent/model", "/absent/model", "a/b/c", "vocab.txt", "~/model"} {
		if dir, err := c.Dir(background, name, all); dir != name || err != nil {
			t.Errorf("%s is %s, %v", name, dir, err)
		}
	}
	if q := s.Requests(); len(q) > 0 {
		t.Errorf("asked %q", q)
	}
}

func TestRevisions(t *testing.T) {
	s, c := serve(t, published())
	s.Old = "bert-tiny"
	dir := found(t, c, repoName+"@refs/pr/1", all)
	if _, err := os.Stat(filepath.Join(c.Cache, "models--google-bert--bert-tiny/refs/refs/pr/1")); err != nil {
		t.Error(err)
	}
	s.Requests()
	if got := found(t, c, repoName+"@"+hubtest.Commit, all); got != dir || len(s.Requests()) > 0 {
		t.Errorf("a commit that is there is looked for again, or %s is not %s", got, dir)
	}
	_, err := c.Dir(background, repoName+"@v9", all)
	fails(t, err, `google-bert/bert-tiny@v9: there is no revision "v9" of http://`)
	if got := found(t, c, "bert-tiny", all); !strings.Contains(got, "models--bert-tiny") || len(tree(t, got)) != 4 {
		t.Errorf("the old name is in %s", got)
	}
}

// What another program has put into the cache serves, with and without the hub.
func TestOffline(t *testing.T) {
	s, c := serve(t, published())
	c.Offline = true
	_, err := c.Dir(background, repoName, all)
	fails(t, err, "google-bert/bert-tiny: is no directory here, and not in the cache ("+c.Cache+"), while HF_HUB_OFFLINE forbids a download")
	if !errors.Is(err, ErrNotCached) || !errors.As(err, new(*Error)) {
		t.Errorf("error is a %T", err)
	}
	dir := filepath.Join(c.Cache, "models--google-bert--bert-tiny", "snapshots", hubtest.Commit)
	for path, content := range map[string]string{"../../refs/main": hubtest.Commit, "vocab.txt": "v"} {
		if err := touch(filepath.Join(dir, path), []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if got := found(t, c, repoName, Tokenizer); got != dir {
		t.Errorf("it is in %s, want %s", got, dir)
	}
	_, err = c.Dir(background, repoName, all)
	fails(t, err, "not in the cache")
	if q := s.Requests(); len(q) > 0 {
		t.Errorf("offline it asks %q", q)
	}
	c.Offline = false
	var log bytes.Buffer
	c.Log = slog.New(slog.NewTextHandler(&log, nil))
	s.Close()
	if got := found(t, c, repoName, Tokenizer); got != dir || !strings.Contains(log.String(), "using what the cache has") {
		t.Errorf("without a hub it is in %s; log %s", got, log.String())
	}
	_, err = c.Dir(background, repoName, all)
	fails(t, err, "google-bert/bert-tiny: is no directory here, and the hub cannot be asked: 127.0.0.1:")
}

func TestAccess(t *testing.T) {
	s, c := serve(t, published())
	_, err := c.Dir(background, "google-bert/absent", all)
	fails(t, err, "google-bert/absent: is no directory here, and no model at "+s.URL+"; if it is a private one, set HF_TOKEN to a token of an account with access")
	const secret = "hf_secret"
	s.Behave(hubtest.Behaviour{Token: secret})
	_, err = c.Dir(background, repoName, all)
	fails(t, err, "google-bert/bert-tiny: is gated: agree to its terms at "+s.URL+"/google-bert/bert-tiny, and set HF_TOKEN to a token of an account with access")
	if !errors.As(err, new(*Error)) {
		t.Errorf("error is a %T", err)
	}
	c.Token = "hf_other"
	_, err = c.Dir(background, repoName, all)
	fails(t, err, "and let HF_TOKEN be a token of an account with access")
	c.Token = secret
	found(t, c, repoName, all) // serve checks that the token does not leak
}

// Two processes that want the same blob write it once.
func TestTwoAtOnce(t *testing.T) {
	s, c := serve(t, published())
	var group sync.WaitGroup
	for range 4 {
		other := *c
		group.Go(func() {
			if _, err := other.Dir(background, repoName, all); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	n := 0
	for _, q := range s.Requests() {
		if q == "cdn GET /model.safetensors" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the weights were downloaded %d times", n)
	}
}

// A file that a snapshot has is not taken away for a moment, in which another process
// would miss it.
func TestLinkLeavesWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	blob, path := filepath.Join(dir, "blob"), filepath.Join(dir, "snapshot", "vocab.txt")
	if err := os.WriteFile(blob, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var links []os.FileInfo
	for range 2 {
		if err := link(blob, path); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, info)
		time.Sleep(20 * time.Millisecond) // more than a tick of the file system's clock
	}
	if !links[0].ModTime().Equal(links[1].ModTime()) {
		t.Error("the link was made anew")
	}
	if err := errors.Join(os.Remove(blob), os.WriteFile(blob+"2", nil, 0o644), link(blob+"2", path)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("a link to a blob that is gone stays: %v", err)
	}
}

func TestParse(t *testing.T) {
	for name, want := range map[string]ID{
		"bert-base-uncased": {"bert-base-uncased", "main"}, "google-bert/bert-base-uncased@v1.0": {"google-bert/bert-base-uncased", "v1.0"},
		"a/b@refs/pr/3": {"a/b", "refs/pr/3"}, "A_1/b.c": {"A_1/b.c", "main"},
	} {
		if id, ok := Parse(name); !ok || id != want {
			t.Errorf("%s is %v, %v, want %v", name, id, ok, want)
		}
	}
	for _, name := range []string{"", "/a", "a/", "a/b/c", "../a", "./a", "a/..", "a..b", "a--b", "-a", "a b", `a\b`, "a@", "@v", "a@../x", "a@/x", "a@x/../../y",
		"vocab.txt", "x/tokenizer.json", "runs/vocab", "a%2f", "a?b", strings.Repeat("a", 97)} {
		if id, ok := Parse(name); ok {
			t.Errorf("%q is taken for %v", name, id)
		}
	}
}

func TestFromEnv(t *testing.T) {
	home := t.TempDir()
	for _, v := range []string{"HF_ENDPOINT", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH",
		"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "XDG_CACHE_HOME"} {
		t.Setenv(v, "")
	}
	t.Setenv("HOME", home)
	check := func(want Client) {
		t.Helper()
		got := *FromEnv()
		if got.Endpoint != want.Endpoint || got.Cache != want.Cache || got.Token != want.Token || got.Offline != want.Offline {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	}
	check(Client{Endpoint: "https://huggingface.co", Cache: filepath.Join(home, ".cache/huggingface/hub")})
	t.Setenv("XDG_CACHE_HOME", "/x")
	check(Client{Endpoint: "https://huggingface.co", Cache: "/x/huggingface/hub"})
	t.Setenv("HF_HOME", home)
	if err := os.WriteFile(filepath.Join(home, "token"), []byte(" hf_file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HF_ENDPOINT", "http://mirror/")
	t.Setenv("HF_HUB_OFFLINE", "true")
	check(Client{Endpoint: "http://mirror", Cache: filepath.Join(home, "hub"), Token: "hf_file", Offline: true})
	t.Setenv("HF_HOME", "~") // as a file of variables leaves it, which no shell reads
	check(Client{Endpoint: "http://mirror", Cache: filepath.Join(home, "hub"), Token: "hf_file", Offline: true})
	t.Setenv("HF_HOME", "/nowhere")
	t.Setenv("HF_TOKEN_PATH", "$HOME/token")
	t.Setenv("HF_HUB_CACHE", "${XDG_CACHE_HOME}/c")
	check(Client{Endpoint: "http://mirror", Cache: "/x/c", Token: "hf_file", Offline: true})
	t.Setenv("HF_HUB_CACHE", "/c")
	t.Setenv("HF_TOKEN", "hf_env")
	t.Setenv("HF_HUB_OFFLINE", "0")
	check(Client{Endpoint: "http://mirror", Cache: "/c", Token: "hf_env"})
}

// What sentence-transformers says of a model's texts comes with the weights, where it is.
func TestLengthOfSentenceTransformersComes(t *testing.T) {
	files := published()
	files[lengthFile] = `{"max_seq_length": 64}`
	_, c := serve(t, files)
	if dir := found(t, c, repoName, Tokenizer); slices.Contains(names(t, dir), lengthFile) {
		t.Error("it comes with the tokenizer")
	}
	if dir := found(t, c, repoName, Weights); !slices.Contains(names(t, dir), lengthFile) {
		t.Errorf("with the weights there are %q", names(t, dir))
	}
}

// names lists a folder.
func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
