package configs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The names of the stages, after that of pretraining, which none of them needs.
const (
	StagePretrain = "pretrain"
	StageFinetune = "finetune"
	StageSearch   = "search"
	StageRetrain  = "retrain"
)

// Stages are the three of PoWER-BERT, in order.
func Stages() []string { return []string{StageFinetune, StageSearch, StageRetrain} }

// The ways in which a student learns from stage 1's model.
const (
	MethodDistilBERT = "distilbert"
	MethodPKD        = "pkd"
)

// SectionStudents holds the settings of students.
const SectionStudents = "distil"

// StudentStage is the name of the stage of a student of so many encoders:
// METHOD-LAYERS.
func StudentStage(method string, layers int) string { return fmt.Sprintf("%s-%d", method, layers) }

// Narrow is the candidate that has all of stage 1's encoders with fewer feed-forward neurons,
// as many as a price leaves.
const Narrow = "narrow"

// NarrowStudent is the name of that with so many neurons an encoder: narrow-NEURONS.
func NarrowStudent(neurons int) string { return StudentStage(Narrow, neurons) }

// ParseNarrow takes such a name apart; ok is false of other names.
func ParseNarrow(student string) (neurons int, ok bool) {
	number, is := strings.CutPrefix(student, Narrow+"-")
	neurons, err := strconv.Atoi(number)
	return neurons, is && err == nil && neurons > 0 && student == NarrowStudent(neurons)
}

// ParseStudent takes the name of a student's stage apart; ok is false of other names.
func ParseStudent(stage string) (method string, layers int, ok bool) {
	method, number, _ := strings.Cut(stage, "-")
	layers, err := strconv.Atoi(number)
	ok = slices.Contains([]string{MethodDistilBERT, MethodPKD}, method) && err == nil && layers > 0
	return method, layers, ok
}
