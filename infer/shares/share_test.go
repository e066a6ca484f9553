package shares

import (
	"strings"
	"testing"
)

// Every row is of one share, and no share has a row more than it must.
func TestRowsOfShares(t *testing.T) {
	for _, total := range []int{0, 1, 2, 7, 100, 1_000_003} {
		for _, of := range []int{1, 2, 3, 7, 11, 64} {
			at, least, most := 0, total, 0
			for i := range of {
				from, to := Share{i, of}.Rows(total)
				if from != at || to < from {
					t.Fatalf("share %d/%d of %d rows is %d to %d, want from %d", i, of, total, from, to, at)
				}
				at, least, most = to, min(least, to-from), max(most, to-from)
			}
			if at != total || most-least > 1 {
				t.Errorf("%d shares of %d rows end at %d, with %d to %d rows", of, total, at, least, most)
			}
		}
	}
}

func TestParse(t *testing.T) {
	if s, err := Parse("3/16"); err != nil || s != (Share{3, 16}) || s.String() != "3/16" || s.Part("p", "csv") != "p/part-00003-of-00016.csv" {
		t.Errorf("%v, %v, %s", s, err, s.Part("p", "csv"))
	}
	for _, text := range []string{"", "3", "/", "16/16", "-1/3", "0/0", "1/x", "1/2/3"} {
		if s, err := Parse(text); err == nil || !strings.Contains(err.Error(), "want I/N with I from 0 to N-1") {
			t.Errorf("%q is %v, %v", text, s, err)
		}
	}
}

func TestTold(t *testing.T) {
	const array, count, least, most, step = "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP"
	type env = map[string]string
	for _, c := range []struct {
		name string
		env  env
		of   int
		want Share
		err  string
	}{
		{"nothing", env{}, 0, Share{0, 1}, ""},
		{"an array from 0", env{array: "3", count: "16", least: "0", most: "15"}, 0, Share{3, 16}, ""},
		{"an array from 1", env{array: "16", count: "16", least: "1", most: "16"}, 0, Share{15, 16}, ""},
		{"an array by steps", env{array: "14", count: "3", least: "10", most: "14", step: "2"}, 0, Share{2, 3}, ""},
		{"an array with gaps", env{array: "7", count: "2", least: "3", most: "7"}, 0, Share{}, "the array has gaps: SLURM_ARRAY_TASK_COUNT is 2, but its numbers go from 3 to 7 by 1; give --shards N"},
		{"some of an array again", env{array: "7", count: "2", least: "3", most: "7"}, 16, Share{7, 16}, ""},
		{"an array from 1, of all", env{array: "7", count: "16", least: "1", most: "16"}, 16, Share{}, "SLURM_ARRAY_TASK_MIN is 1, but with --shards 16 the numbers of the array are those of the shares, 0 to 15"},
		{"an array beyond the shares", env{array: "16", count: "1", least: "16", most: "16"}, 16, Share{}, "SLURM_ARRAY_TASK_ID is 16, want a number that makes one of 16 shares"},
		{"a number of no array", env{array: "3"}, 0, Share{}, "SLURM_ARRAY_TASK_ID is 3, but nothing tells of how many; give --shards N"},
		{"a number that is none", env{array: "x", count: "2"}, 0, Share{}, `SLURM_ARRAY_TASK_ID is "x", want a number`},
		{"srun", env{"SLURM_PROCID": "1", "SLURM_NTASKS": "4"}, 0, Share{1, 4}, ""},
		{"Slurm's one task of an array", env{array: "1", count: "3", least: "0", "SLURM_PROCID": "0", "SLURM_NTASKS": "1"}, 0, Share{1, 3}, ""},
		{"one task, and as many shares", env{"SLURM_PROCID": "0", "SLURM_NTASKS": "1"}, 1, Share{0, 1}, ""},
		{"Kubernetes", env{"JOB_COMPLETION_INDEX": "2"}, 3, Share{2, 3}, ""},
		{"Kubernetes without a number", env{"JOB_COMPLETION_INDEX": "2"}, 0, Share{}, "JOB_COMPLETION_INDEX is 2, but nothing tells of how many; give --shards N"},
		{"Kubernetes beyond it", env{"JOB_COMPLETION_INDEX": "3"}, 3, Share{}, "JOB_COMPLETION_INDEX is 3, want a number that makes one of 3 shares"},
		{"Open MPI", env{"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, 0, Share{1, 2}, ""},
		{"MPICH within srun", env{"PMI_RANK": "1", "PMI_SIZE": "2", "SLURM_PROCID": "1", "SLURM_NTASKS": "2"}, 0, Share{1, 2}, ""},
		{"two of one size", env{"PMI_RANK": "1", "PMI_SIZE": "2", "SLURM_PROCID": "0", "SLURM_NTASKS": "2"}, 0, Share{}, "SLURM_PROCID says share 0/2, but PMI_RANK says 1/2; give the one that is meant"},
		{"two of two sizes", env{array: "1", count: "3", least: "0", "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, 0, Share{}, "SLURM_ARRAY_TASK_ID says share 1/3, but OMPI_COMM_WORLD_RANK says 1/2"},
		{"another number than the launcher's", env{"PMI_RANK": "1", "PMI_SIZE": "2"}, 3, Share{}, "--shards is 3, but PMI_SIZE is 2; give --shard I/3"},
		{"a number alone", env{"SLURM_PROCID": "0", "SLURM_NTASKS": "1"}, 3, Share{}, "--shards is 3, but no launcher tells which of them this is"},
		{"a rank beyond the size", env{"PMI_RANK": "2", "PMI_SIZE": "2"}, 0, Share{}, "PMI_RANK is 2, want a number that makes one of 2 shares"},
	} {
		s, err := Told(func(name string) string { return c.env[name] }, c.of)
		if c.err == "" && (err != nil || s != c.want) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %v, %v, want %v %s", c.name, s, err, c.want, c.err)
		}
	}
}
