package sweep

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Grace is how long before its end a task is told to save; one that has no more time
// than that gets nothing done.
const (
	Grace        = 2 * time.Minute
	graceSeconds = int(Grace / time.Second)
)

// retries is how often Kubernetes starts a task again that was ended; it goes on
// from what it saved.
const retries = 3

// Tasks are what a job of a cluster carries out: so many calls of train, each of which learns
// its number from the cluster and goes on where it was ended.
type Tasks struct {
	Kind string   // what they are part of, as sweep
	Dir  string   // where it is, of which the job has its name
	What string   // a task, as point
	N    int      // how many there are
	Args []string // of train
}

// Tasks are the points.
func (s *Sweep) Tasks() Tasks {
	return Tasks{"sweep", s.Dir, "point", len(s.Points), []string{"sweep", "run", s.Dir}}
}

// A Manifest says what the tasks of a cluster need.
type Manifest struct {
	Command  []string      // what train is called there, with what comes before it
	CPUs     int           // of a task
	Memory   int           // of a task, in GiB
	Time     time.Duration // of a task at most; 0: as the cluster allows
	Parallel int           // tasks at the same time at most; 0: as the cluster allows

	// For Kubernetes.
	Image string // of the container
	Claim string // the PersistentVolumeClaim with the directory, the data and models
	Mount string // where it is mounted, and where the command runs
}

// Slurm writes the script of a job array for sbatch. A task is told to end some time before
// its time is up, which saves.
func (m *Manifest) Slurm(w io.Writer, t Tasks) error {
	var text strings.Builder
	option := func(format string, args ...any) { fmt.Fprintf(&text, "#SBATCH --"+format+"\n", args...) }
	text.WriteString("#!/bin/sh\n")
	option("job-name=%s", t.name())
	limit := ""
	if m.Parallel > 0 {
		limit = fmt.Sprintf("%%%d", m.Parallel)
	}
	option("array=0-%d%s", t.N-1, limit)
	option("ntasks=1")
	option("cpus-per-task=%d", m.CPUs)
	option("mem=%dG", m.Memory)
	if m.Time > 0 {
		option("time=%d", minutes(m.Time))
	}
	option("signal=B:TERM@%d", graceSeconds)
	option("output=%s-%%A_%%a.log", t.name())
	fmt.Fprintf(&text, "\n# A %s that is complete is not run again, and one that was ended goes on.\nexec %s\n", t.What, Quote(m.call(t)))
	_, err := io.WriteString(w, text.String())
	return err
}

// minutes rounds up.
func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }

// call is the command line of a task, whose number the cluster tells.
func (m *Manifest) call(t Tasks) []string {
	words := append([]string{}, m.Command...)
	for _, word := range t.Args {
		words = append(words, filepath.ToSlash(word))
	}
	return words
}

// Quote makes a command line of words, for sh.
func Quote(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:@%+,") != "" {
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// longestName leaves room for what Kubernetes puts behind a job's name in those of
// its pods, which have at most 63 characters.
const longestName = 50

// name is the directory as the name of a job: small letters, digits and dashes, a letter
// first. Of a long path it is the end, which tells it from others.
func (t *Tasks) name() string {
	words := strings.FieldsFunc(strings.ToLower(t.Dir), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9')
	})
	name, room := strings.Join(words, "-"), longestName-len(t.Kind)-1
	return strings.TrimRight(t.Kind+"-"+strings.TrimLeft(name[max(0, len(name)-room):], "-"), "-")
}

// Kubernetes writes an Indexed Job (batch/v1), a pod for each task.
func (m *Manifest) Kubernetes(w io.Writer, t Tasks) error {
	parallel := t.N
	if m.Parallel > 0 {
		parallel = min(m.Parallel, t.N)
	}
	resources := map[string]string{"cpu": fmt.Sprint(m.CPUs), "memory": fmt.Sprintf("%dGi", m.Memory)}
	pod := podSpec{
		RestartPolicy: "Never", TerminationGracePeriodSeconds: graceSeconds, ActiveDeadlineSeconds: int(m.Time / time.Second),
		Containers: []container{{
			Name: "train", Image: m.Image, Command: m.call(t), WorkingDir: m.Mount,
			Resources:    map[string]map[string]string{"requests": resources, "limits": resources},
			VolumeMounts: []volumeMount{{Name: t.Kind, MountPath: m.Mount}},
		}},
		Volumes: []volume{{Name: t.Kind, PersistentVolumeClaim: claim{m.Claim}}},
	}
	j := job{APIVersion: "batch/v1", Kind: "Job", Metadata: metadata{Name: t.name()}, Spec: jobSpec{
		CompletionMode: "Indexed", Completions: t.N, Parallelism: parallel, BackoffLimitPerIndex: retries, Template: template{pod},
	}}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(j); err != nil {
		return err
	}
	_, err := text.WriteTo(w)
	return err
}

// The part of a batch/v1 Job that such tasks need.
type (
	job struct {
		APIVersion string   `yaml:"apiVersion"`
		Kind       string   `yaml:"kind"`
		Metadata   metadata `yaml:"metadata"`
		Spec       jobSpec  `yaml:"spec"`
	}
	metadata struct {
		Name string `yaml:"name"`
	}
	jobSpec struct {
		CompletionMode       string   `yaml:"completionMode"`
		Completions          int      `yaml:"completions"`
		Parallelism          int      `yaml:"parallelism"`
		BackoffLimitPerIndex int      `yaml:"backoffLimitPerIndex"`
		Template             template `yaml:"template"`
	}
	template struct {
		Spec podSpec `yaml:"spec"`
	}
	podSpec struct {
		RestartPolicy                 string      `yaml:"restartPolicy"`
		TerminationGracePeriodSeconds int         `yaml:"terminationGracePeriodSeconds"`
		ActiveDeadlineSeconds         int         `yaml:"activeDeadlineSeconds,omitempty"`
		Containers                    []container `yaml:"containers"`
		Volumes                       []volume    `yaml:"volumes"`
	}
	container struct {
		Name         string                       `yaml:"name"`
		Image        string                       `yaml:"image"`
		Command      []string                     `yaml:"command"`
		WorkingDir   string                       `yaml:"workingDir"`
		Resources    map[string]map[string]string `yaml:"resources"`
		VolumeMounts []volumeMount                `yaml:"volumeMounts"`
	}
	volumeMount struct {
		Name      string `yaml:"name"`
		MountPath string `yaml:"mountPath"`
	}
	volume struct {
		Name                  string `yaml:"name"`
		PersistentVolumeClaim claim  `yaml:"persistentVolumeClaim"`
	}
	claim struct {
		ClaimName string `yaml:"claimName"`
	}
)
