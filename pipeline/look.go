package pipeline

import (
	"fmt"
	"log/slog"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data/inspect"
)

// tellFindings logs what a look at the data finds, a line each, and if it is strict reports
// an error where there is something.
func (t *task) tellFindings(log *slog.Logger, strict bool) error {
	if t.look == nil {
		return nil
	}
	found := t.look()
	logFindings(log, found)
	if strict {
		return Strict(found)
	}
	return nil
}

// logFindings logs a line for each.
func logFindings(log *slog.Logger, found []inspect.Finding) {
	for _, f := range found {
		log.Warn(f.Name, "set", f.Set, "found", f.What, "at", f.Lines(), "remedy", f.Remedy)
	}
}

// Strict is the error of data that have findings where none are allowed; nil without any.
func Strict(found []inspect.Finding) error {
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("the data have %d findings, want none with data.strict: %s", len(found), found[0])
}

// unreadable is err of reading an experiment's data, after logging what is wrong with the
// files.
func unreadable(log *slog.Logger, e *configs.Experiment, err error) error {
	logFindings(log, inspect.Files(e.Source()))
	return e.ReadError(err)
}
