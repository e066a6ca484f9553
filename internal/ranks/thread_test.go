//go:build mpi

package ranks

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// asRank tells this test's own processes that they are ranks of a job.
const asRank = "POWERBERT_TEST_AS_RANK"

// Sums of all sizes that have begun together, more than are under way at once and some with
// fewer elements than there are ranks, are those of all ranks, of as many as there are.
func TestSumsOfAJob(t *testing.T) {
	if os.Getenv(asRank) != "" {
		t.Skip("a rank itself")
	}
	if _, err := exec.LookPath("mpirun"); err != nil || testing.Short() {
		t.Skip("long, or no mpirun")
	}
	for _, size := range []int{2, 3, 5} {
		c := exec.Command("mpirun", "-n", fmt.Sprint(size), "--oversubscribe", "--bind-to", "none", os.Args[0], "-test.run", "^TestARank$")
		c.Env = append(os.Environ(), asRank+"=1", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%d ranks: %v\n%s", size, err, out)
		}
	}
}

func TestARank(t *testing.T) {
	if os.Getenv(asRank) == "" {
		t.Skip("no rank of a job")
	}
	j, err := Join(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		sumsOf(t, j, round)
	}
	j.Leave(t.Failed(), 1)
}

// sumsOf begins sums, computes a while, and looks at them; between them all ranks hear what
// rank 0 says.
func sumsOf(t *testing.T, j *Job, round int) {
	t.Helper()
	var all [][]float32
	var ends []func() error
	for _, n := range []int{1, 2, 7, 0, 1000, 1<<20 + 3, 3, 1 << 20, 4, 65537} {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(i%97 + round + j.Rank())
		}
		all, ends = append(all, x), append(ends, j.BeginAllReduce(x))
	}
	for begun := time.Now(); time.Since(begun) < time.Duration(j.Rank())*20*time.Millisecond; {
	}
	for k, x := range all {
		if err := ends[k](); err != nil {
			t.Fatal(err)
		}
		for i, got := range x {
			if want := float32(j.Size()*(i%97+round) + j.Size()*(j.Size()-1)/2); got != want {
				t.Fatalf("round %d, rank %d of %d: element %d of %d is %v, want %v", round, j.Rank(), j.Size(), i, len(x), got, want)
			}
		}
	}
	said, double := []byte{byte(j.Rank()), byte(10 * (1 - min(j.Rank(), 1)))}, []float64{1, float64(j.Rank())}
	if j.Broadcast(said) != nil || j.AllReduce64(double) != nil || said[0] != 0 || said[1] != 10 || double[0] != float64(j.Size()) {
		t.Fatalf("rank %d of %d hears %v and sums to %v", j.Rank(), j.Size(), said, double)
	}
}

// Ranks of one machine share it; machines need not be named in a row.
func TestHere(t *testing.T) {
	names := []string{"a", "b", "a", "a", "c"}
	for rank, want := range []int{3, 1, 3, 3, 1} {
		if got := (&Job{rank: rank, names: names}).Here(); got != want {
			t.Errorf("rank %d is one of %d on its machine, want %d", rank, got, want)
		}
	}
}
