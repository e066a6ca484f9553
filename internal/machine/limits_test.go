package machine

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
)

const meminfo = "MemTotal:       16384 kB\nMemFree:  1 kB\nMemAvailable:    8192 kB\n"

// The layouts are those of cgroups(7) and of the kernel's admin guides cgroup-v1/memory and
// cgroup-v2: a machine, a container of either version with a namespace of its own or
// without, and a service whose slice is bounded.
func TestMemoryOfControlGroups(t *testing.T) {
	const mib = 1 << 20
	v2 := "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
	v1 := "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
	for _, c := range []struct {
		name             string
		files            map[string]string
		total, available uint64
	}{
		{"no groups", map[string]string{}, 16 * mib, 8 * mib},
		{"version 2 without a limit", map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": v2, "sys/fs/cgroup/memory.max": "max\n",
		}, 16 * mib, 8 * mib},
		{"a container of version 2", map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": v2,
			"sys/fs/cgroup/memory.max": "4194304\n", "sys/fs/cgroup/memory.current": "3145728\n",
			"sys/fs/cgroup/memory.stat": "anon 1048576\nfile 2097152\ninactive_file 1048576\n",
		}, 4 * mib, 2 * mib},
		{"a slice of version 2 bounds its service", map[string]string{
			"proc/self/cgroup": "0::/big.slice/train.service\n", "proc/self/mountinfo": v2,
			"sys/fs/cgroup/big.slice/memory.max": "6291456\n", "sys/fs/cgroup/big.slice/memory.current": "1048576\n",
			"sys/fs/cgroup/big.slice/train.service/memory.max": "max\n",
		}, 6 * mib, 5 * mib},
		{"a full group", map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": v2,
			"sys/fs/cgroup/memory.max": "1048576\n", "sys/fs/cgroup/memory.current": "2097152\n",
		}, mib, 1},
		{"version 1", map[string]string{
			"proc/self/cgroup": "8:pids:/\n4:memory:/docker/5a\n0::/\n", "proc/self/mountinfo": v1,
			"sys/fs/cgroup/memory/memory.limit_in_bytes":           "9223372036854771712\n",
			"sys/fs/cgroup/memory/docker/5a/memory.limit_in_bytes": "3145728\n", "sys/fs/cgroup/memory/docker/5a/memory.usage_in_bytes": "2097152\n",
			"sys/fs/cgroup/memory/docker/5a/memory.stat": "inactive_file 7\ntotal_inactive_file 524288\n",
		}, 3 * mib, 3 * mib / 2},
		{"version 1 in a container, where the group is the top", map[string]string{
			"proc/self/cgroup":                           "4:memory:/docker/5a\n",
			"proc/self/mountinfo":                        "35 31 0:32 /docker/5a /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "3145728\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "1048576\n",
		}, 3 * mib, 2 * mib},
		{"a limit above the machine's memory", map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": v2,
			"sys/fs/cgroup/memory.max": "67108864\n", "sys/fs/cgroup/memory.current": "1048576\n",
		}, 16 * mib, 8 * mib},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			c.files["proc/meminfo"] = meminfo
			for name, text := range c.files {
				path := filepath.Join(root, name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
					t.Fatal(err)
				}
			}
			if total, available := memoryOf(root); total != c.total || available != c.available {
				t.Errorf("%d bytes, %d available, want %d and %d", total, available, c.total, c.available)
			}
		})
	}
}

func TestMemoryOfAnotherSystem(t *testing.T) {
	if total, available := memoryOf(t.TempDir()); total != 0 || available != 0 {
		t.Errorf("%d bytes, %d available of a system that tells nothing", total, available)
	}
}

func TestMemoryObeysGOMEMLIMIT(t *testing.T) {
	const limit = 1 << 30
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(limit))
	if total, available := Memory(); total > limit || available >= limit || available == 0 {
		t.Errorf("%d bytes, %d available, want at most %d", total, available, limit)
	}
}
