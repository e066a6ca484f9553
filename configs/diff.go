package configs

import (
	"fmt"
	"slices"
	"strings"
)

// A Difference is a key that two experiments do not agree on.
type Difference struct {
	Key      string
	Was, Now any
}

// String is `key: was → now`.
func (d Difference) String() string { return fmt.Sprintf("%s: %v → %v", d.Key, d.Was, d.Now) }

// Path tells whether the key only says where something is, which may have moved. What is
// there decides what a stage computes, so the key affects it.
func (d Difference) Path() bool {
	anything := Experiment{Pretrain: Pretrain{Texts: []string{""}}}
	return slices.ContainsFunc(anything.paths(), func(p pathValue) bool { return Problem{Key: p.key}.leaf() == d.Key })
}

// keyUnlabelled is the key of texts without labels.
const keyUnlabelled = "data.unlabelled"

// LearnsUnlabelled tells whether a stage learns from texts without labels, if there are any:
// stage 3 and students do, which have a teacher.
func LearnsUnlabelled(stage string) bool {
	_, _, student := ParseStudent(stage)
	return student || stage == StageRetrain
}

// goals are the keys that say what to search for: which of what was found stage 3 takes.
// The paper's search is the same whatever they say.
var goals = []string{"search.target", "search.max_drop", "search.candidates", "search.latency.ms", "search.latency.batch", "search.latency.length"}

// listKeys are the keys of the search that change what a given list keeps and costs, searched
// or not.
var listKeys = []string{"search.ranks", "search.pad_queries_vote", "search.subtract_diagonal"}

// AffectsLists reports whether the key has a say in what candidates for a price keep and
// cost where nothing is searched.
func (d Difference) AffectsLists() bool { return slices.Contains(listKeys, d.Key) }

// Affects reports whether the key has a say in what a stage computes. A stage
// also depends on the stages before it. What something is called, how often
// something is written and what is made of the stages does not count.
func (d Difference) Affects(stage string) bool {
	order := Stages()
	section, _, _ := strings.Cut(d.Key, ".")
	if section == StagePretrain || stage == StagePretrain && slices.Contains(order, section) {
		return section == stage
	}
	method, _, student := ParseStudent(stage)
	if section == SectionStudents {
		inner, _, _ := strings.Cut(strings.TrimPrefix(d.Key, SectionStudents+"."), ".")
		return student && (inner == method || inner != MethodDistilBERT && inner != MethodPKD)
	}
	if student && slices.Contains(order, section) {
		return section == StageFinetune
	}
	if d.Key == keyUnlabelled {
		return LearnsUnlabelled(stage)
	}
	if slices.Contains(goals, d.Key) {
		return stage == StageRetrain
	}
	if i := slices.Index(order, section); i >= 0 {
		return i <= slices.Index(order, stage)
	}
	silent := []string{"name", "compat", "quantize", "log_every", "tensorboard", "checkpoint_every", "data.strict"}
	return section != "card" && !slices.Contains(silent, d.Key)
}

// Diff lists the keys on which two experiments differ, in the order of the schema.
func Diff(was, now *Experiment) []Difference {
	var list []Difference
	after := leaves(now)
	for i, before := range leaves(was) {
		a, b := before.value.Interface(), after[i].value.Interface()
		if fmt.Sprintf("%q", a) != fmt.Sprintf("%q", b) { // as text, for an empty list is a nil one
			list = append(list, Difference{before.key, a, b})
		}
	}
	return list
}
