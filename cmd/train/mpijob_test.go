package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// mpiOperator is the module whose definition of an MPIJob the manifest is held against.
const mpiOperator = "github.com/kubeflow/mpi-operator@v0.6.0"

// The MPI operator takes the manifest, by its own schema, and what it would refuse is found.
func TestMPIJob(t *testing.T) {
	schema := mpiJobSchema(t)
	text, err := os.ReadFile("../../deploy/mpijob.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{"slotsPerWorker: 1", "slotsPerWorker: one", "/spec/slotsPerWorker: is one, want integer"},
		{"cleanPodPolicy", "cleanPods", "/spec/runPolicy/cleanPods: is unknown"},
		{"claimName: powerbert", "name: powerbert", "/spec/mpiReplicaSpecs/Worker/template/spec/volumes/0/persistentVolumeClaim/name: is unknown\n" +
			"/spec/mpiReplicaSpecs/Worker/template/spec/volumes/0/persistentVolumeClaim: lacks claimName"},
		{`"4"`, "4", "/spec/mpiReplicaSpecs/Launcher/template/spec/containers/0/command/2: is 4, want string"},
		{"slotsPerWorker", "mpiImplementation: LAM\n  slotsPerWorker", "/spec/mpiImplementation: is LAM, want one of [OpenMPI Intel MPICH]"},
	} {
		var manifest any
		if err := yaml.Unmarshal([]byte(strings.Replace(string(text), c.old, c.new, 1)), &manifest); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(schema.faults(manifest, ""), "\n"); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.new, got, c.want)
		}
	}
}

// mpiJobSchema is that of the operator's module, where the go command has it or may fetch it.
func mpiJobSchema(t *testing.T) *schema {
	t.Helper()
	download := exec.Command("go", "mod", "download", "-json", mpiOperator)
	download.Dir, download.Env = t.TempDir(), append(os.Environ(), "GOFLAGS=-mod=mod")
	if !*givenEngines {
		download.Env = append(download.Env, "GOPROXY=off")
	}
	out, failed := download.Output()
	var module struct{ Dir string }
	if json.Unmarshal(out, &module) != nil || module.Dir == "" {
		if *givenEngines {
			t.Fatalf("go mod download %s: %v", mpiOperator, failed)
		}
		t.Skipf("without -args -engines, and %s is not in the module cache (%v)", mpiOperator, failed)
	}
	text, err := os.ReadFile(filepath.Join(module.Dir, "manifests/base/kubeflow.org_mpijobs.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var definition struct {
		Spec struct {
			Versions []struct {
				Name   string
				Schema struct {
					Root schema `yaml:"openAPIV3Schema"`
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &definition); err != nil || len(definition.Spec.Versions) != 1 || definition.Spec.Versions[0].Name != "v2beta1" {
		t.Fatalf("%s: %v, %d versions", mpiOperator, err, len(definition.Spec.Versions))
	}
	return &definition.Spec.Versions[0].Schema.Root
}

// A schema is the part of OpenAPI's that custom resources are defined with.
type schema struct {
	Type        string
	Enum        []any
	Required    []string
	Properties  map[string]*schema
	Additional  *schema `yaml:"additionalProperties"`
	Items       *schema
	IntOrString bool `yaml:"x-kubernetes-int-or-string"`
}

// faults are what is wrong with a value at a path, a line each, in order.
func (s *schema) faults(value any, path string) (list []string) {
	switch {
	case s.Type != "" && !s.is(value):
		return []string{fmt.Sprintf("%s: is %v, want %s", path, value, s.Type)}
	case s.Enum != nil && !slices.Contains(s.Enum, value):
		return []string{fmt.Sprintf("%s: is %v, want one of %v", path, value, s.Enum)}
	}
	for i, item := range items(value) {
		list = append(list, s.Items.faults(item, fmt.Sprint(path, "/", i))...)
	}
	object, _ := value.(map[string]any)
	for _, key := range s.Required {
		if _, ok := object[key]; !ok {
			list = append(list, path+": lacks "+key)
		}
	}
	for key, inner := range object {
		switch of := s.Properties[key]; {
		case of != nil:
			list = append(list, of.faults(inner, path+"/"+key)...)
		case s.Additional != nil:
			list = append(list, s.Additional.faults(inner, path+"/"+key)...)
		case path != "/metadata": // which is every object's
			list = append(list, path+"/"+key+": is unknown")
		}
	}
	slices.Sort(list)
	return list
}

// items are those of a list.
func items(value any) []any {
	list, _ := value.([]any)
	return list
}

// is tells whether a value is of the schema's type.
func (s *schema) is(value any) bool {
	switch value.(type) {
	case map[string]any:
		return s.Type == "object"
	case []any:
		return s.Type == "array"
	case string:
		return s.Type == "string" || s.IntOrString
	case int:
		return s.Type == "integer" || s.Type == "number" || s.IntOrString
	case bool:
		return s.Type == "boolean"
	}
	return false
}
