package main

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// dockerfile is the instructions of the Dockerfile by their names, of which it has one each.
func dockerfile(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	instructions := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" || name == "#" {
			continue
		}
		if _, again := instructions[name]; again {
			t.Errorf("the Dockerfile has two of %s", name)
		}
		instructions[name] = rest
	}
	return instructions
}

// command is an instruction in the exec form, which needs no shell.
func command(t *testing.T, instruction string) (words []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(instruction[strings.IndexByte(instruction, '['):]), &words); err != nil {
		t.Fatalf("%s is not in the exec form: %v", instruction, err)
	}
	return words
}

// The image has the program and nothing else, and runs it as a user who is not root.
func TestDockerfile(t *testing.T) {
	d := dockerfile(t)
	if d["FROM"] != "scratch" || d["COPY"] != "bin/train /train" || !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(d["USER"]) {
		t.Errorf("FROM %s, COPY %s, USER %s", d["FROM"], d["COPY"], d["USER"])
	}
	check := d["HEALTHCHECK"][strings.Index(d["HEALTHCHECK"], "CMD"):]
	if got := command(t, check); !slices.Equal(got, []string{"/train", "serve", "--check", "--addr", ":8080"}) {
		t.Errorf("the health check is %q", got)
	}
	if got := command(t, d["ENTRYPOINT"]); !slices.Equal(got, []string{"/train"}) {
		t.Errorf("the entry point is %q", got)
	}
	ignored, err := os.ReadFile("../../.dockerignore")
	if err != nil || string(ignored) != "*\n!bin/train\n" {
		t.Errorf(".dockerignore is %q, %v: want nothing but the program to be sent", ignored, err)
	}
}

// What the image would have, laid out in a folder, serves and finds itself ready, in a root
// of its own and as its user.
func TestTheImageRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	root, d := t.TempDir(), dockerfile(t)
	build := exec.Command("go", "build", "-o", filepath.Join(root, "train"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program, err := elf.Open(filepath.Join(root, "train"))
	if err != nil {
		t.Skip("an image is of Linux: ", err)
	}
	defer program.Close()
	if libraries, err := program.ImportedLibraries(); len(libraries) > 0 || err != nil {
		t.Errorf("the program wants %q, %v, which are not there", libraries, err)
	}
	var uid, gid int
	if _, err := fmt.Sscanf(d["USER"], "%d:%d", &uid, &gid); err != nil || !canConfine() {
		t.Skip("only root can give a process another root and user: ", err)
	}
	experiment, err := filepath.Abs("testdata/tiny.yaml")
	if err != nil {
		t.Fatal(err)
	}
	trained := exec.Command(filepath.Join(root, "train"), "finetune", experiment)
	trained.Dir = root
	if out, err := trained.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	model, err := filepath.Glob(filepath.Join(root, "runs", "*", "finetune"))
	if err != nil || len(model) != 1 {
		t.Fatalf("models %q, %v", model, err)
	}
	if err := os.Rename(model[0], filepath.Join(root, "model")); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("chmod", "-R", "a+rX", root, filepath.Dir(root)).Run(); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	confined := func(words []string) *exec.Cmd {
		for i := range words {
			words[i] = strings.Replace(words[i], ":8080", fmt.Sprintf("127.0.0.1:%d", port), 1)
		}
		c := exec.Command(words[0], words[1:]...)
		c.Dir, c.Env = "/", []string{}
		confine(c, root, uid, gid)
		return c
	}
	var log bytes.Buffer
	server := confined(slices.Concat(command(t, d["ENTRYPOINT"]), command(t, d["CMD"])))
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	check := d["HEALTHCHECK"][strings.Index(d["HEALTHCHECK"], "CMD"):]
	healthy := false
	for end := time.Now().Add(time.Minute); !healthy && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		healthy = confined(command(t, check)).Run() == nil
	}
	if err := server.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	if err := server.Wait(); err != nil || !healthy {
		t.Errorf("healthy: %v; the server ends with %v:\n%s", healthy, err, &log)
	}
}

// freePort is one nobody listens at.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
