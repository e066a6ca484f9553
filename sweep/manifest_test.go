package sweep

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// some is a sweep of seven points in a directory.
func some(dir string) *Sweep {
	grid := []Axis{{"seed", []string{"1", "2", "3", "4", "5", "6", "7"}}}
	return &Sweep{Dir: dir, Grid: grid, Points: product(grid)}
}

// A batchJob is the part of batch/v1 Job that may stand in the manifest, with the
// names and types of https://kubernetes.io/docs/reference/generated/kubernetes-api.
type batchJob struct {
	APIVersion string                `yaml:"apiVersion"`
	Kind       string                `yaml:"kind"`
	Metadata   struct{ Name string } `yaml:"metadata"`
	Spec       struct {
		CompletionMode       string `yaml:"completionMode"`
		Completions          int32  `yaml:"completions"`
		Parallelism          int32  `yaml:"parallelism"`
		BackoffLimitPerIndex int32  `yaml:"backoffLimitPerIndex"`
		Template             struct {
			Spec struct {
				RestartPolicy                 string `yaml:"restartPolicy"`
				TerminationGracePeriodSeconds int64  `yaml:"terminationGracePeriodSeconds"`
				ActiveDeadlineSeconds         *int64 `yaml:"activeDeadlineSeconds"`
				Containers                    []struct {
					Name, Image  string
					Command      []string
					WorkingDir   string `yaml:"workingDir"`
					Resources    struct{ Limits, Requests map[string]string }
					VolumeMounts []struct {
						Name      string
						MountPath string `yaml:"mountPath"`
					} `yaml:"volumeMounts"`
				}
				Volumes []struct {
					Name                  string
					PersistentVolumeClaim struct {
						ClaimName string `yaml:"claimName"`
					} `yaml:"persistentVolumeClaim"`
				}
			}
		}
	}
}

// jobOf reads the manifest strictly.
func jobOf(t *testing.T, m Manifest, s *Sweep) (j batchJob) {
	t.Helper()
	var text strings.Builder
	if err := m.Kubernetes(&text, s); err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(strings.NewReader(text.String()))
	decoder.KnownFields(true)
	if err := decoder.Decode(&j); err != nil {
		t.Fatalf("%v in\n%s", err, text.String())
	}
	return j
}

func TestKubernetesJob(t *testing.T) {
	m := Manifest{Command: []string{"train"}, CPUs: 4, Memory: 8, Time: time.Hour, Parallel: 3, Image: "a/b:1", Claim: "c: #", Mount: "/m"}
	j := jobOf(t, m, some("runs/yes"))
	spec, pod := j.Spec, j.Spec.Template.Spec
	if j.APIVersion != "batch/v1" || j.Kind != "Job" || spec.CompletionMode != "Indexed" || pod.RestartPolicy != "Never" {
		t.Errorf("no Indexed Job of batch/v1 whose pods end: %+v", j)
	}
	if spec.Completions != 7 || spec.Parallelism != 3 || *pod.ActiveDeadlineSeconds != 3600 {
		t.Errorf("%d completions, %d at once, %d s; want 7, 3, 3600", spec.Completions, spec.Parallelism, *pod.ActiveDeadlineSeconds)
	}
	c := pod.Containers[0]
	if got := strings.Join(c.Command, " "); got != "train sweep run runs/yes" || c.Image != "a/b:1" || c.WorkingDir != "/m" {
		t.Errorf("container %+v", c)
	}
	if c.Resources.Limits["cpu"] != "4" || c.Resources.Requests["memory"] != "8Gi" {
		t.Errorf("resources %+v", c.Resources)
	}
	if c.VolumeMounts[0].Name != pod.Volumes[0].Name || c.VolumeMounts[0].MountPath != "/m" || pod.Volumes[0].PersistentVolumeClaim.ClaimName != "c: #" {
		t.Errorf("mounts %+v of %+v", c.VolumeMounts, pod.Volumes)
	}
	m.Time, m.Parallel = 0, 0
	if j := jobOf(t, m, some("x")); j.Spec.Parallelism != 7 || j.Spec.Template.Spec.ActiveDeadlineSeconds != nil {
		t.Errorf("without limits: %+v", j.Spec)
	}
}

// A name is a DNS label with room for what Kubernetes adds, whatever the directory.
func TestJobNames(t *testing.T) {
	label := regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	for _, dir := range []string{"runs/grid", "/A b/Ü_1.", ".", strings.Repeat("x/", 99)} {
		if name := some(dir).name(); !label.MatchString(name) || len(name) > longestName {
			t.Errorf("%s is called %q", dir, name)
		}
	}
	if got := some("runs/My grid").name(); got != "sweep-runs-my-grid" {
		t.Errorf("name %q", got)
	}
}

func TestSlurmScript(t *testing.T) {
	m := Manifest{Command: []string{"apptainer", "exec", "a.sif", "train"}, CPUs: 4, Memory: 8, Time: 61 * time.Second, Parallel: 2}
	var text strings.Builder
	if err := m.Slurm(&text, some("it's")); err != nil {
		t.Fatal(err)
	}
	const want = `#!/bin/sh
#SBATCH --job-name=sweep-it-s
#SBATCH --array=0-6%2
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=2
#SBATCH --signal=B:TERM@120
#SBATCH --output=sweep-it-s-%A_%a.log

# A point that is complete is not run again, and one that was ended goes on.
exec apptainer exec a.sif train sweep run 'it'\''s'
`
	if text.String() != want {
		t.Errorf("script\n%s\nwant\n%s", text.String(), want)
	}
}

func TestShellReadsWordsBack(t *testing.T) {
	words := []string{"plain", "two words", "it's", "$HOME", "", "a;b", "*"}
	out, err := exec.Command("sh", "-c", "printf '<%s>' "+Quote(words)).Output()
	if err != nil {
		t.Skip("no shell here: ", err)
	}
	if want := "<" + strings.Join(words, "><") + ">"; string(out) != want {
		t.Errorf("a shell reads %s, want %s", out, want)
	}
}
