package data

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// table picks the wanted columns of records.
type table struct {
	records
	header []string
	pick   []int // index of each wanted column
}

// errEmpty is of a table without a header.
var errEmpty = errors.New("is empty")

// newTable reads the header if it is not given. The line is that of an error.
func newTable(r records, header, wanted []string) (*table, int, error) {
	line := 0
	if header == nil {
		var err error
		header, line, err = r.read()
		if err == io.EOF {
			return nil, 0, fmt.Errorf("%w, want a header with the columns %s", errEmpty, quoted(wanted))
		}
		if err != nil {
			return nil, line, err
		}
	}
	t := &table{records: r, header: header}
	for _, name := range wanted {
		i, err := column(header, name)
		if err != nil {
			return nil, line, err
		}
		t.pick = append(t.pick, i)
	}
	return t, 0, nil
}

// column is where the header has a name, exactly once.
func column(header []string, name string) (int, error) {
	found := -1
	for i, h := range header {
		if strings.TrimSpace(h) != name {
			continue
		}
		if found >= 0 {
			return 0, fmt.Errorf("the header has two columns %q, want one", name)
		}
		found = i
	}
	if found < 0 {
		return 0, fmt.Errorf("the header has no column %q, only %s", name, quoted(header))
	}
	return found, nil
}

func (t *table) next() ([]string, int, error) {
	fields, line, err := t.read()
	switch {
	case err != nil:
		return nil, line, err
	case len(fields) != len(t.header):
		return nil, line, malformed(fmt.Sprintf("column count is %d, want %d", len(fields), len(t.header)))
	}
	picked := make([]string, len(t.pick))
	for k, i := range t.pick {
		picked[k] = fields[i]
	}
	return picked, line, nil
}

// quoted lists names for a message.
func quoted(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(list, ", ")
}
