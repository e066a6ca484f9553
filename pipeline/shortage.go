package pipeline

import (
	"cmp"
	"errors"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline/estimate"
)

// short is the error of an experiment that needs more memory than there is.
func short(e *configs.Experiment, err error) error {
	if shortage := new(estimate.ShortageError); errors.As(err, &shortage) {
		return configError(e, shortage.Key, err.Error())
	}
	return err
}

// setting is what estimates need to know of a task.
func setting(r *run, t *task) *estimate.Setting {
	return &estimate.Setting{Experiment: r.exp.Name, Tokenizer: t.tok, Examples: t.Examples, Unlabelled: t.more, MaxLength: t.maxLength,
		Workers: r.exp.Workers, Ranks: cmp.Or(r.Crew.Size(), r.Ranks), LogEvery: r.exp.LogEvery, Log: r.Log}
}
