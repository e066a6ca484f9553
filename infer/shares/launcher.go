package shares

import (
	"fmt"
	"strconv"
)

// A launcher tells its processes their number and how many they are in variables of the
// environment.
type launcher struct {
	rank, size         string
	first, last, every string // of an array: its first and last number, and the step; "": from 0 by 1
}

// launchers are those known: Slurm's job arrays and steps, Kubernetes' Indexed Jobs, Open MPI,
// and MPICH and its kin.
var launchers = []launcher{
	{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP"},
	{rank: "SLURM_PROCID", size: "SLURM_NTASKS"},
	{rank: "JOB_COMPLETION_INDEX"},
	{rank: "OMPI_COMM_WORLD_RANK", size: "OMPI_COMM_WORLD_SIZE"},
	{rank: "PMI_RANK", size: "PMI_SIZE"},
}

// Told returns the share that the launcher of the process tells in the environment; 0/1 where
// there is none. of is how many shares there are, 0 as the launcher says: with it the numbers
// of a job array are those of the shares, so that a few of them may be run again.
//
// It reports an error where two launchers contradict each other, but for those that have
// started one process and so say nothing, where a launcher does not tell how many there are
// and of is 0, and for numbers that make no share.
func Told(environment func(string) string, of int) (Share, error) {
	told, by := Share{0, max(of, 1)}, ""
	for _, l := range launchers {
		if environment(l.rank) == "" {
			continue
		}
		s, err := l.told(environment, of)
		switch {
		case err != nil:
			return Share{}, err
		case s.Of == 1 && of != 1: // alone: another may know more
			continue
		case by != "" && s != told:
			return Share{}, fmt.Errorf("%s says share %v, but %s says %v; give the one that is meant as --shard I/N", by, told, l.rank, s)
		}
		told, by = s, l.rank
	}
	if by == "" && of > 1 {
		return Share{}, fmt.Errorf("--shards is %d, but no launcher tells which of them this is (%s); give --shard I/%d", of, ranks(), of)
	}
	return told, nil
}

// ranks lists the variables that tell a number.
func ranks() (list string) {
	for i, l := range launchers {
		if i > 0 {
			list += ", "
		}
		list += l.rank
	}
	return list
}

// told is the share that one launcher tells.
func (l launcher) told(environment func(string) string, of int) (Share, error) {
	n := numbers{environment: environment}
	rank, size, first, every := n.of(l.rank, 0), n.of(l.size, of), n.of(l.first, 0), n.of(l.every, 1)
	last := n.of(l.last, first+(size-1)*max(every, 1))
	array := l.first != ""
	switch {
	case n.err != nil:
		return Share{}, n.err
	case size == 0:
		return Share{}, fmt.Errorf("%s is %d, but nothing tells of how many; give --shards N", l.rank, rank)
	case array && of > 0 && size == of && first > 0:
		return Share{}, fmt.Errorf("%s is %d, but with --shards %d the numbers of the array are those of the shares, 0 to %d", l.first, first, of, of-1)
	case array && of > 0:
		size = of
	case array && (every < 1 || last-first != (size-1)*every):
		return Share{}, fmt.Errorf("the array has gaps: %s is %d, but its numbers go from %d to %d by %d; give --shards N, of which it then is a few", l.size, size, first, last, every)
	case array:
		rank = (rank - first) / every
	case of > 0 && size > 1 && size != of:
		return Share{}, fmt.Errorf("--shards is %d, but %s is %d; give --shard I/%d", of, l.size, size, of)
	}
	if rank < 0 || rank >= size {
		return Share{}, fmt.Errorf("%s is %s, want a number that makes one of %d shares", l.rank, environment(l.rank), size)
	}
	return Share{rank, size}, nil
}

// numbers reads variables, and keeps the first error.
type numbers struct {
	environment func(string) string
	err         error
}

// of is the number in a variable, or otherwise where it is not set.
func (n *numbers) of(name string, otherwise int) int {
	text := ""
	if name != "" {
		text = n.environment(name)
	}
	if text == "" {
		return otherwise
	}
	number, err := strconv.Atoi(text)
	if (err != nil || number < 0) && n.err == nil {
		n.err = fmt.Errorf("%s is %q, want a number", name, text)
	}
	return number
}
