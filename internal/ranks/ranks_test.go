package ranks_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/ranks"
	"github.com/powerbert/powerbert/internal/ranks/rankstest"
)

// What rank 0 has reaches all others whole, and sums are over all, in the order of the ranks.
func TestWhatRanksShare(t *testing.T) {
	type told struct {
		Do    string
		Batch []int
	}
	for _, size := range []int{1, 2, 5} {
		want := told{"gradient", []int{7, 0, 12}}
		errs := rankstest.Run(size, func(p ranks.Peers) error {
			got, floats, empty := told{}, make([]float32, 3), []float32{}
			var err error
			if p.Rank() == 0 {
				got, floats = want, []float32{1, -2.5, 3e-30}
				err = ranks.Tell(p, want)
			} else {
				err = ranks.Told(p, &got)
			}
			if err := errors.Join(err, ranks.BroadcastFloats(p, floats), ranks.BroadcastFloats(p, empty)); err != nil {
				return err
			}
			if !reflect.DeepEqual(got, want) || !slices.Equal(floats, []float32{1, -2.5, 3e-30}) {
				t.Errorf("rank %d of %d has %+v and %v", p.Rank(), p.Size(), got, floats)
			}
			// 1 is lost beside 2²⁴ in float32, and not in float64.
			single, double := []float32{1, 2}, []float64{1}
			if p.Rank() == 0 {
				single[0], double[0] = 1<<24, 1<<24
			}
			if err := errors.Join(p.BeginAllReduce(single)(), p.AllReduce64(double)); err != nil {
				return err
			}
			if single[0] != 1<<24 || single[1] != float32(2*size) || double[0] != float64(1<<24+size-1) {
				t.Errorf("rank %d of %d sums to %v and %v", p.Rank(), p.Size(), single, double)
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
	}
}

// Nobody waits for a rank that has left.
func TestRanksDoNotWaitForOneThatLeft(t *testing.T) {
	gone := errors.New("gone")
	errs := rankstest.Run(3, func(p ranks.Peers) error {
		if p.Rank() == 2 {
			return gone
		}
		return p.BeginAllReduce(make([]float32, 2))()
	})
	if !errors.Is(errs[0], rankstest.ErrLeft) || !errors.Is(errs[1], rankstest.ErrLeft) || errs[2] != gone {
		t.Errorf("got %v", errs)
	}
}

// A process is one of several where a launcher says both numbers, and more than one.
func TestLaunched(t *testing.T) {
	for _, c := range []struct {
		set        []string // variable, value, …
		rank, size int
		by         string
	}{
		{nil, 0, 1, ""},
		{[]string{"OMPI_COMM_WORLD_RANK", "3", "OMPI_COMM_WORLD_SIZE", "4"}, 3, 4, "OMPI_COMM_WORLD_SIZE"},
		{[]string{"OMPI_COMM_WORLD_RANK", "0", "OMPI_COMM_WORLD_SIZE", "1", "PMI_RANK", "1", "PMI_SIZE", "2"}, 1, 2, "PMI_SIZE"},
		{[]string{"SLURM_PROCID", "0", "SLURM_NTASKS", "4"}, 0, 1, ""}, // the script of a job, which is one process
		{[]string{"SLURM_PROCID", "2", "SLURM_STEP_NUM_TASKS", "4"}, 2, 4, "SLURM_STEP_NUM_TASKS"},
		{[]string{"PMI_SIZE", "2"}, 0, 1, ""},
		{[]string{"PMI_RANK", "one", "PMI_SIZE", "2"}, 0, 1, ""},
	} {
		for _, name := range []string{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"} {
			t.Setenv(name, "")
		}
		for i := 0; i < len(c.set); i += 2 {
			t.Setenv(c.set[i], c.set[i+1])
		}
		if rank, size, by := ranks.Launched(); rank != c.rank || size != c.size || by != c.by {
			t.Errorf("%v: rank %d of %d by %q, want %d of %d by %q", c.set, rank, size, by, c.rank, c.size, c.by)
		}
	}
}
