package data

import (
	"bufio"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/problem"
)

// Sets are the examples of a task.
type Sets struct {
	Train   *Set
	HeldOut *Set // part of the training examples that choices go by, and no stage learns; nil: none
	Dev     *Set
	Also    *Set // the second dev set that a task may have; nil: none
	// Unlabelled is texts whose labels nobody knows, in examples that have none; nil: none.
	Unlabelled *Set
}

// Each calls do with the name of every set of labelled examples that is there, and the set.
func (s *Sets) Each(do func(name string, set *Set)) {
	names := []string{"train", "held out", "dev", "dev 2"}
	for i, set := range []*Set{s.Train, s.HeldOut, s.Dev, s.Also} {
		if set != nil {
			do(names[i], set)
		}
	}
}

// Encode is every set's examples as word-pieces, as EncodeAs makes them.
func (s *Sets) Encode(tok tokenizer.Tokenizer, maxLength int, w *problem.Window) map[*Set][]Encoded {
	pieces := map[*Set][]Encoded{}
	encode := func(_ string, set *Set) { pieces[set] = EncodeAs(set, tok, maxLength, w) }
	s.Each(encode)
	if s.Unlabelled != nil {
		encode("", s.Unlabelled)
	}
	return pieces
}

// Chooses is the set that choices go by: which epoch to keep, which candidate to take.
func (s *Sets) Chooses() *Set { return cmp.Or(s.HeldOut, s.Dev) }

// Load reads the sets of a source. All have the same labels: those that the source lists,
// the task's own, or all that the training file holds, sorted (as numbers if all of them
// are). Where there is no dev file, the dev set is a tenth of the training file, which the
// Part of both sets says. With src.HeldOut a part of what then remains is held out, if
// it has enough texts of a label for that.
//
// It reports an *Error with file and line for a file that cannot be read, a
// column that is missing, a label that is not among the labels, and, unless
// src.SkipMalformed, for the first malformed row. Texts without labels that are examples
// of a set, too, or come again, are left out.
func Load(src Source) (*Sets, error) {
	s, err := src.load()
	if err == nil {
		s.Also, err = LoadAlso(src, s.Train.Labels)
	}
	if err == nil && src.Unlabelled != "" {
		s.Unlabelled, err = src.loadUnlabelled(s.Train)
	}
	if err != nil {
		return s, err
	}
	if src.HeldOut > 0 {
		if rest, held, err := s.Train.holdOut(src.HeldOut, src.draw()); err == nil {
			s.Train, s.HeldOut = rest, held
		}
	}
	if s.Unlabelled != nil {
		err = s.Unlabelled.only(s)
	}
	return s, err
}

// load reads the training and the dev set, with nothing held out.
func (src Source) load() (s *Sets, err error) {
	s = &Sets{}
	if src.Task == TaskDemo {
		s.Train, s.Dev = DemoTask(src.Demo)
		if src.Fold > 0 {
			s.Train, s.Dev, err = src.devOf(s.Train)
		}
		return s, err
	}
	f, err := src.files()
	if err != nil {
		return nil, err
	}
	if s.Train, err = LoadFile(src, f.train, nil); err != nil {
		return nil, err
	}
	switch labels := s.Train.Labels; {
	case len(labels) == 0:
		return nil, errorf(s.Train.Path, 0, "has no label in any row")
	case len(labels) == 1 && !s.Train.Problem.Aimed():
		return nil, errorf(s.Train.Path, 0, "has the one label %s, want two or more", quoted(labels))
	}
	if f.dev == "" || src.Fold > 0 {
		s.Train, s.Dev, err = src.devOf(s.Train)
		return s, err
	}
	s.Dev, err = LoadFile(src, f.dev, s.Train.Labels)
	return s, err
}

// devPart is how much of a training file becomes the dev set where there is none.
const devPart = 0.1

// devOf takes the dev set out of a training set: of a task that is distributed without
// one by the hashes of the texts alone, of a table by the seed, too, and label by label. In
// cross-validation it is a fold.
func (src Source) devOf(whole *Set) (train, dev *Set, err error) {
	if src.Fold > 0 {
		return whole.fold(src.Fold, src.Folds, src.draw())
	}
	if src.Task == TaskTable {
		return whole.holdOut(devPart, src.draw())
	}
	return whole.split(src.draw())
}

// LoadDev reads the dev set of a source alone, with labels in the order of their
// ids, and reports the errors of Load.
func LoadDev(src Source, labels []string) (dev *Set, err error) {
	if src.Task == TaskDemo && len(src.Keep) > 0 {
		return nil, errorf(TaskDemo, 0, "has no columns, so none is called %q", src.Keep[0])
	}
	if src.Task == TaskDemo {
		train, dev := DemoTask(src.Demo)
		if src.Fold > 0 {
			_, dev, err = src.devOf(train)
		}
		return dev, err
	}
	f, err := src.files()
	if err != nil {
		return nil, err
	}
	if f.dev != "" && src.Fold == 0 {
		return LoadFile(src, f.dev, labels)
	}
	whole, err := LoadFile(src, f.train, labels)
	if err != nil {
		return nil, err
	}
	_, dev, err = src.devOf(whole)
	return dev, err
}

// LoadAlso reads the second dev set that a task may have, nil if it has none, as in
// cross-validation, and reports the errors of Load.
func LoadAlso(src Source, labels []string) (*Set, error) {
	if src.Task == TaskDemo || src.Fold > 0 {
		return nil, nil
	}
	f, err := src.files()
	if err != nil || f.also == "" {
		return nil, err
	}
	return LoadFile(src, f.also, labels)
}

// LoadFile reads one more file in the layout of a source, or several, a line each, with
// labels in the order of their ids; nil: as Load finds them for a training file. A path is
// taken as it is, not from src.Dir. It reports the errors of Load.
func LoadFile(src Source, path string, labels []string) (*Set, error) {
	lay, err := src.layout()
	if err != nil {
		return nil, err
	}
	if labels != nil {
		lay.labels = labels
	}
	var parts []named
	for file := range strings.SplitSeq(path, "\n") {
		of, err := lay.of(file)
		if err != nil {
			return nil, err
		}
		part, err := readFile(file, of, src.SkipMalformed)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return join(parts, lay)
}

// A named is the examples of a file, with their labels' names in place of ids.
type named struct {
	*Set
	names [][]string // of each example: one, or where it may have several all, or none
}

// readFile reads a file in a layout.
func readFile(path string, lay layout, skip bool) (named, error) {
	switch bare := lay.format == folders || lay.format == RACE; {
	case bare && len(lay.keep) > 0:
		return named{}, errorf(path, 0, "has no columns, so none is called %q", lay.keep[0])
	case lay.format == folders:
		return readRows(newReviewRows(path, lay.labels), path, lay, skip)
	case lay.format == RACE:
		rows := newRACERows(path, len(lay.labels), true)
		defer rows.shut()
		return readRows(rows, path, lay, skip)
	case lay.format == Parquet:
		return readParquet(path, lay, skip)
	}
	text, closeFile, err := OpenText(path)
	if err != nil {
		return named{}, err
	}
	defer closeFile()
	return readText(text, path, lay, skip)
}

func readText(text *bufio.Reader, path string, lay layout, skip bool) (named, error) {
	rows, line, err := newRowReader(text, lay)
	if err != nil {
		return named{}, readError(path, line, err)
	}
	return readRows(rows, path, lay, skip)
}

func readRows(rows rowReader, path string, lay layout, skip bool) (named, error) {
	set := &Set{Path: path, Problem: cmp.Or(lay.problem, problem.Classification), Paired: len(lay.text) == 2, Labels: lay.labels}
	names, err := set.read(rows, lay, skip)
	if err == nil && len(set.Examples) == 0 {
		err = errorf(path, 0, "holds no examples (%d malformed rows)", len(set.Skipped))
	}
	return named{set, names}, err
}

// join is the files as one set, with labels that all of them have: the layout's, or those
// that are found.
func join(parts []named, lay layout) (*Set, error) {
	labels := lay.labels
	if labels == nil {
		var names []string
		for _, part := range parts {
			names = append(names, slices.Concat(part.names...)...)
		}
		labels = collect(names)
	}
	whole := *parts[0].Set
	whole.Labels, whole.Path, whole.Examples, whole.Skipped = labels, "", nil, nil
	for i, part := range parts {
		part.Labels = labels
		if part.Problem.Labelled() {
			if err := part.assign(part.names, lay.alias); err != nil {
				return nil, err
			}
		}
		if len(parts) == 1 {
			return part.Set, nil
		}
		whole.add(part.Set, i)
	}
	return &whole, nil
}

// add appends the i-th file of a set, whose examples say which they are from.
func (s *Set) add(file *Set, i int) {
	if i > 0 {
		s.Path += ", "
	}
	s.Path += file.Path
	for _, e := range file.Examples {
		e.File = cmp.Or(e.File, file.Path)
		s.Examples = append(s.Examples, e)
	}
	for _, bad := range file.Skipped {
		s.Skipped = append(s.Skipped, Malformed{Reason: (&Error{file.Path, bad.Line, malformed(bad.Reason)}).Error()})
	}
}

// read fills the set with all rows and returns their labels' names.
func (s *Set) read(rows rowReader, lay layout, skip bool) (names [][]string, err error) {
	answers := max(len(lay.answers()), 1) // of RACE, which has no columns, one
	keep := len(lay.keep)
	files, _ := rows.(fileRows)
	for {
		fields, line, err := rows.next()
		if err == io.EOF {
			return names, nil
		}
		var e Example
		var labels []string
		if err == nil {
			at, end := len(fields)-keep-answers, len(fields)-keep
			e = exampleOf(fields[:at], line)
			if e.Kept = lay.texts(fields[end:]); files != nil {
				e.File = files.at()
			}
			labels, e.Targets, err = lay.answer(fields[at:end])
		}
		if bad, ok := leftOut(line, err); ok && skip {
			s.Skipped = append(s.Skipped, bad)
			continue
		}
		if err != nil {
			return nil, readError(s.Path, line, err)
		}
		names, s.Examples = append(names, labels), append(s.Examples, e)
	}
}

// texts returns what is kept of a row as texts, of JSON as JSONText has them.
func (lay layout) texts(kept []string) []string {
	if len(kept) == 0 {
		return nil
	}
	if lay.format != JSONL && lay.format != JSON {
		return kept
	}
	for i, raw := range kept {
		kept[i] = JSONText(json.RawMessage(raw))
	}
	return kept
}

// exampleOf is the example of texts: one, a pair, or more than two, which are a
// passage and the options of a question.
func exampleOf(texts []string, line int) Example {
	e := Example{Text: texts[0], Line: line}
	switch {
	case len(texts) == 2:
		e.Pair = texts[1]
	case len(texts) > 2:
		e.Options = texts[1:]
	}
	return e
}
