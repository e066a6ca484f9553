package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var givenDamages = flag.Int("damages", 160, "try so many damages to a finished run, and a fourth of them to an interrupted one")

var givenEngines = flag.Bool("engines", false, "hold the jobs of a sweep against Slurm and the API of Kubernetes, which then must be there")

// haveSlurm tells whether a Slurm can be started here, and is asked for: it takes half a
// minute to work through its jobs.
func haveSlurm() (bool, error) {
	if !*givenEngines {
		return false, nil
	}
	for _, program := range []string{"sbatch", "slurmctld", "slurmd"} {
		if _, err := exec.LookPath(program); err != nil {
			return missing("no %s here; on Debian, apt-get install slurm-client slurmctld slurmd", program)
		}
	}
	return true, nil
}

// haveKubernetes tells whether what checks a manifest is there, in a directory.
func haveKubernetes(dir string) (bool, error) {
	if _, err := exec.LookPath("node"); err != nil {
		return missing("no Node.js here")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		return missing("no schema of Kubernetes in %s; run `npm ci --ignore-scripts` there", dir)
	}
	return true, nil
}

// missing is no error unless -engines asks for the engines.
func missing(format string, args ...any) (bool, error) {
	if *givenEngines {
		return false, fmt.Errorf(format, args...)
	}
	return false, nil
}

// slurmConf is a cluster of this machine alone: its name, the user, a directory and
// the ports of the two daemons. They trust whoever asks, and take the cores and
// the memory as they are told, not as they are.
const slurmConf = `ClusterName=test
SlurmctldHost=%[1]s(127.0.0.1)
SlurmUser=%[2]s
SlurmdUser=%[2]s
StateSaveLocation=%[3]s
SlurmdSpoolDir=%[3]s
SlurmctldPidFile=%[3]s/slurmctld.pid
SlurmdPidFile=%[3]s/slurmd.pid
SlurmctldPort=%[4]d
SlurmdPort=%[5]d
AuthType=auth/none
CredType=cred/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
NodeName=%[1]s NodeAddr=127.0.0.1 CPUs=2 RealMemory=16384
PartitionName=all Nodes=ALL Default=YES
`

// startSlurm is slurm: from there on sbatch and its kin have a cluster of one node.
func startSlurm(ts *testscript.TestScript, _ bool, _ []string) {
	dir := ts.MkAbs("slurm")
	ts.Check(os.Mkdir(dir, 0o755))
	host, err := os.Hostname()
	ts.Check(err)
	host, _, _ = strings.Cut(host, ".")
	me, err := user.Current()
	ts.Check(err)
	conf := filepath.Join(dir, "slurm.conf")
	ports := freePorts(ts)
	ts.Check(os.WriteFile(conf, fmt.Appendf(nil, slurmConf, host, me.Username, dir, ports[0], ports[1]), 0o644))
	ts.Setenv("SLURM_CONF", conf)
	for _, name := range []string{"slurmctld", "slurmd"} {
		daemon := exec.Command(name, "-D", "-f", conf)
		log, err := os.Create(filepath.Join(dir, name+".log"))
		ts.Check(err)
		daemon.Stdout, daemon.Stderr = log, log
		ts.Check(daemon.Start())
		ts.Defer(func() {
			_ = daemon.Process.Signal(syscall.SIGTERM)
			_ = daemon.Wait()
			_ = log.Close()
		})
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		sinfo := exec.Command("sinfo", "--noheader", "--format", "%t")
		sinfo.Env = append(os.Environ(), "SLURM_CONF="+conf)
		if state, _ := sinfo.Output(); strings.TrimSpace(string(state)) == "idle" {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("Slurm does not start:\n%s\n%s", ts.ReadFile("slurm/slurmctld.log"), ts.ReadFile("slurm/slurmd.log"))
		}
	}
}

// freePorts are two ports nobody listens at.
func freePorts(ts *testscript.TestScript) (ports [2]int) {
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		defer listener.Close()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports
}
