package machine

import (
	"math"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Memory is the memory that the program may use and what of it is available, in bytes; 0
// where the system does not tell. The limits of control groups, as containers have them,
// and GOMEMLIMIT count as the machine's.
func Memory() (total, available uint64) {
	total, available = memoryOf("/")
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		total, available = lower(total, available, group{uint64(limit), m.Sys - m.HeapReleased})
	}
	return total, available
}

// memoryOf is Memory without Go's own limit, of a system whose files are under root.
func memoryOf(root string) (total, available uint64) {
	total = kibibytes(value(filepath.Join(root, "proc/meminfo"), "MemTotal"))
	available = kibibytes(value(filepath.Join(root, "proc/meminfo"), "MemAvailable"))
	for _, g := range groups(root) {
		total, available = lower(total, available, g)
	}
	return total, available
}

// A group is a bound on memory: how many bytes, and how many are in use.
type group struct{ limit, used uint64 }

// lower bounds a total and what of it is available by a group.
func lower(total, available uint64, g group) (uint64, uint64) {
	left := g.limit - min(g.used, g.limit)
	if total == 0 || g.limit < total {
		total = g.limit
	}
	if available == 0 || left < available {
		available = max(left, 1) // 0 is what is not known
	}
	return total, available
}

// A version of control groups names its files: the limit, what is used, and what of that
// is files that can be dropped.
type version struct{ limit, used, idle string }

var (
	version1 = version{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}
	version2 = version{"memory.max", "memory.current", "inactive_file"}
)

// groups are the control groups that bound the memory of this process, and those around
// them.
func groups(root string) (all []group) {
	text, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		return nil // no Linux, or no groups
	}
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3) // number:controllers:path
		if len(parts) < 3 {
			continue
		}
		for _, m := range mounts(root) {
			if m.holds(parts[1]) {
				all = append(all, m.along(root, parts[2])...)
			}
		}
	}
	return all
}

// A mount is a tree of control groups in the file system.
type mount struct {
	version
	top, path   string // what of the tree is there, and where
	controllers string // of version 1, with other options
}

// mounts are the trees of control groups: lines of
// "36 35 98:0 /top /path options - cgroup source controllers".
func mounts(root string) (all []mount) {
	text, err := os.ReadFile(filepath.Join(root, "proc/self/mountinfo"))
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		before, after, _ := strings.Cut(strings.TrimSpace(line), " - ")
		where, kind := strings.Fields(before), strings.Fields(after)
		if len(where) < 5 || len(kind) < 3 {
			continue
		}
		switch kind[0] {
		case "cgroup2":
			all = append(all, mount{version2, where[3], where[4], ""})
		case "cgroup":
			all = append(all, mount{version1, where[3], where[4], kind[2]})
		}
	}
	return all
}

// holds tells whether the tree bounds the memory of a group with these controllers; version
// 2 names none.
func (m *mount) holds(controllers string) bool {
	if controllers == "" {
		return m.version == version2
	}
	return m.version == version1 && has(controllers, "memory") && has(m.controllers, "memory")
}

func has(list, word string) bool { return strings.Contains(","+list+",", ","+word+",") }

// along are the bounds of a group and of those around it. In a container the group may be
// the top of the tree under another name.
func (m *mount) along(root, of string) (all []group) {
	inside, ok := strings.CutPrefix(of, strings.TrimSuffix(m.top, "/"))
	if !ok {
		inside = "/"
	}
	for dir := path.Join("/", inside); ; dir = path.Dir(dir) {
		if g, ok := m.read(filepath.Join(root, m.path, dir)); ok {
			all = append(all, g)
		}
		if dir == "/" {
			return all
		}
	}
}

// read is the bound of one group; "max", and where there are no files, is none.
func (m *mount) read(dir string) (g group, ok bool) {
	limit, known := number(filepath.Join(dir, m.limit))
	if !known || limit >= math.MaxInt64>>12<<12 { // what version 1 has for none
		return g, false
	}
	used, _ := number(filepath.Join(dir, m.used))
	idle, _ := strconv.ParseUint(value(filepath.Join(dir, "memory.stat"), m.idle), 10, 64)
	return group{limit, used - min(idle, used)}, true
}

// number reads a file that holds a number.
func number(path string) (n uint64, ok bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err = strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
