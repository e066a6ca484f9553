package paper

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
)

// nameApart adds to names that several outcomes have what tells these apart: the task and
// the settings in which they differ, or else their runs.
func (t *Table) nameApart() {
	rows := map[string][]*TaskRow{}
	for i := range t.Rows {
		if r := &t.Rows[i]; r.Outcome != nil {
			rows[r.Name] = append(rows[r.Name], r)
		}
	}
	for _, same := range rows {
		if len(same) == 1 {
			continue
		}
		parts := apart(same)
		for _, r := range same {
			r.Name += " (" + strings.Join(each(parts, func(part func(*TaskRow) string) string { return part(r) }), ", ") + ")"
		}
	}
}

// apart are what tells rows of one name apart, each in words.
func apart(same []*TaskRow) (parts []func(*TaskRow) string) {
	differ := func(of func(*TaskRow) any) bool {
		return slices.ContainsFunc(same, func(r *TaskRow) bool { return !reflect.DeepEqual(of(r), of(same[0])) })
	}
	if differ(func(r *TaskRow) any { return r.Task }) {
		parts = append(parts, func(r *TaskRow) string { return r.Task })
	}
	for _, key := range configs.Keys() {
		section, _, _ := strings.Cut(key, ".")
		if section != "data" && differ(func(r *TaskRow) any { return r.settings[key] }) {
			parts = append(parts, func(r *TaskRow) string { return fmt.Sprintf("%s %v", key, r.settings[key]) })
		}
	}
	if len(parts) == 0 {
		parts = append(parts, func(r *TaskRow) string { return strings.Join(r.Runs, " ") })
	}
	return parts
}
