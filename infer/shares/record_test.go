package shares

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/powerbert/powerbert/data"
)

func TestRecord(t *testing.T) {
	p := begun(t, 3, data.CSV)
	r, err := p.Open(Share{1, 3})
	if err != nil || r.From != 4 || r.Read != 4 || len(r.Files) != 1 || r.Files[0] != p.Files[1] || r.Done || r.Model != "m" {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := p.Open(Share{0, 3}); err != nil || r.Read != 4 || len(r.Files) != 1 || r.Files[0] != p.Files[0] {
		t.Errorf("%+v, %v", r, err)
	}
	if err := r.Ran(3, 1500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if err := r.Ran(1, 500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	put(t, r.Path(), "id\n4\n5\n7\n")
	if err := r.End(1); err != nil {
		t.Fatal(err)
	}
	again, err := p.Open(Share{1, 3})
	if err != nil || !reflect.DeepEqual(again, r) || !again.Done || again.Predicted != 3 || again.Skipped != 1 || again.Seconds != 2 || again.Timed != 4 || again.Bytes != 9 {
		t.Errorf("read again it is %+v, %v", again, err)
	}
	if err := again.Again(); err != nil || again.Done || again.Seconds != 0 {
		t.Errorf("begun again it is %+v, %v", again, err)
	}
	put(t, r.record(p.dir), "{")
	if _, err := p.Open(Share{1, 3}); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("a damaged record gives %v", err)
	}
	if err := os.Remove(r.record(p.dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Open(Share{1, 3}); err == nil || !strings.Contains(err.Error(), "has no record beside it") {
		t.Errorf("a part without a record gives %v", err)
	}
}
