package serve

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A fuzzer that is driven by the description finds no answer that differs from it, no
// request that it forbids and the server takes, and none the other way round.
func TestSchemathesis(t *testing.T) {
	program := os.Getenv("POWERBERT_SCHEMATHESIS")
	if program == "" {
		t.Skip("POWERBERT_SCHEMATHESIS is not set, want the program schemathesis (pip install schemathesis==4.32.5)")
	}
	s := server(t, Options{Name: "tiny"})
	s.Put("second", s.sole().model)
	address, stop := serving(t, s)
	config, err := filepath.Abs("testdata/schemathesis.toml")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "--config-file", config, "run", "http://"+address+"/openapi.json", "--checks", "all", "--seed", "1", "--no-color")
	c.Dir = t.TempDir() // which it writes to
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
