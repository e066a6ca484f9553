package sweep

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// nameOf is what the job of a sweep in a directory is called.
func nameOf(dir string) string {
	tasks := some(dir).Tasks()
	return tasks.name()
}

// some is a sweep of seven points in a directory.
func some(dir string) *Sweep {
	grid := []Axis{{"seed", []string{"1", "2", "3", "4", "5", "6", "7"}}}
	return &Sweep{Dir: dir, Grid: grid, Points: product(grid)}
}

// What the API of Kubernetes says to a manifest, cmd/train's scripts tell.
func TestKubernetesJob(t *testing.T) {
	m := Manifest{Command: []string{"train"}, CPUs: 4, Memory: 8, Time: time.Hour, Parallel: 3, Image: "a/b:1", Claim: "c: #", Mount: "/m"}
	const want = `apiVersion: batch/v1
kind: Job
metadata:
  name: sweep-runs-yes
spec:
  completionMode: Indexed
  completions: 7
  parallelism: 3
  backoffLimitPerIndex: 3
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 120
      activeDeadlineSeconds: 3600
      containers:
        - name: train
          image: a/b:1
          command:
            - train
            - sweep
            - run
            - runs/yes
          workingDir: /m
          resources:
            limits:
              cpu: "4"
              memory: 8Gi
            requests:
              cpu: "4"
              memory: 8Gi
          volumeMounts:
            - name: sweep
              mountPath: /m
      volumes:
        - name: sweep
          persistentVolumeClaim:
            claimName: 'c: #'
`
	if got := kubernetes(t, m, some("runs/yes")); got != want {
		t.Errorf("manifest\n%s\nwant\n%s", got, want)
	}
	m.Time, m.Parallel = 0, 0
	unlimited := strings.NewReplacer("parallelism: 3", "parallelism: 7", "      activeDeadlineSeconds: 3600\n", "").Replace(want)
	if got := kubernetes(t, m, some("runs/yes")); got != unlimited {
		t.Errorf("manifest without limits\n%s\nwant\n%s", got, unlimited)
	}
}

func kubernetes(t *testing.T, m Manifest, s *Sweep) string {
	t.Helper()
	var text strings.Builder
	if err := m.Kubernetes(&text, s.Tasks()); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// A name is a DNS label with room for what Kubernetes adds, whatever the directory.
func TestJobNames(t *testing.T) {
	label := regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	for _, dir := range []string{"runs/grid", "/A b/Ü_1.", ".", strings.Repeat("x/", 99)} {
		if name := nameOf(dir); !label.MatchString(name) || len(name) > longestName {
			t.Errorf("%s is called %q", dir, name)
		}
	}
	if a, b := nameOf(strings.Repeat("shared/", 20)+"a-sweep"), nameOf(strings.Repeat("shared/", 20)+"b-sweep"); a == b || !strings.HasSuffix(a, "-a-sweep") {
		t.Errorf("two sweeps are called %q and %q", a, b)
	}
	if got := nameOf("runs/My grid"); got != "sweep-runs-my-grid" {
		t.Errorf("name %q", got)
	}
}

func TestSlurmScript(t *testing.T) {
	m := Manifest{Command: []string{"apptainer", "exec", "a.sif", "train"}, CPUs: 4, Memory: 8, Time: 3*time.Minute + 1, Parallel: 2}
	var text strings.Builder
	if err := m.Slurm(&text, some("it's").Tasks()); err != nil {
		t.Fatal(err)
	}
	const want = `#!/bin/sh
#SBATCH --job-name=sweep-it-s
#SBATCH --array=0-6%2
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=4
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
