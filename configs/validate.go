package configs

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// A checker lists what is wrong with an experiment's values, by YAML path.
type checker struct {
	e     *Experiment
	wrong []Problem // Key and Text only
}

// Validate lists every impossible value of e as Key and Text, in the schema's order; none for
// a good experiment. It looks at no file.
func (e *Experiment) Validate() []Problem {
	c := &checker{e: e}
	c.top()
	c.encoder()
	if e.classifies() {
		c.data()
	}
	c.pretrain()
	c.labels()
	c.search()
	c.retrain()
	c.ranges()
	order := Keys()
	slices.SortStableFunc(c.wrong, func(a, b Problem) int {
		return cmp.Compare(slices.Index(order, a.leaf()), slices.Index(order, b.leaf()))
	})
	return c.wrong
}

// classifies tells whether the experiment has a task; without one it only
// pretrains.
func (e *Experiment) classifies() bool { return e.Data.Task != "" || len(e.Pretrain.Texts) == 0 }

// add says that key is value, and what is wanted of it.
func (c *checker) add(key string, value any, want string) {
	text := fmt.Sprintf("%s is %v, want %s", key, value, want)
	if value == "" {
		text = fmt.Sprintf("%s is missing, want %s", key, want)
	}
	c.wrong = append(c.wrong, Problem{Key: key, Text: text})
}

// ranges wants every value that is used to be among those that its key allows, unless it is
// known to be wrong.
func (c *checker) ranges() {
	for _, l := range leaves(c.e) {
		if c.unused(l.key) || slices.ContainsFunc(c.wrong, func(p Problem) bool { return p.Key == l.key }) {
			continue
		}
		if want := allowedOf()[l.key].wants(l.value); want != "" {
			c.add(l.key, l.value.Interface(), want)
		}
	}
}

// unused tells whether nothing reads a key: those of a task where there is none, of a table
// where it is none, the sizes of an encoder that a model brings, and the share of no stack.
func (c *checker) unused(key string) bool {
	e := c.e
	switch {
	case key == "pretrain.stack_share":
		return len(e.Pretrain.Stack) == 0
	case key == "data.format" && e.Data.Task != data.TaskTable:
		return true
	case strings.HasPrefix(key, "data."):
		return !e.classifies()
	}
	return e.Model != "" && slices.Contains(encoderKeys, key)
}

func (c *checker) top() {
	e := c.e
	if e.Name == "" || e.Name == "." || e.Name == ".." || strings.ContainsAny(e.Name, `/\`) {
		c.add("name", e.Name, "a folder's name; use --out for a path")
	}
	if e.Model == "" && e.Tokenizer.Vocab == "" && e.Data.Task != data.TaskDemo {
		c.add("tokenizer.vocab", "", "vocab.txt, tokenizer.json, spiece.model or a folder with one, since no model brings its own")
	}
}

// encoderKeys are the keys of an encoder that a model decides.
var encoderKeys = []string{
	"encoder.type", "encoder.embedding", "encoder.layers", "encoder.hidden", "encoder.heads", "encoder.intermediate", "encoder.positions", "encoder.init",
}

func (c *checker) encoder() {
	enc := c.e.Encoder
	if c.e.Model != "" {
		return // its config.json holds the sizes
	}
	family := arch.FamilyOf(enc.Type)
	if why := startsLocal(family); enc.Init == InitLocal && why != "" {
		c.add("encoder.init", enc.Init, InitNormal+": "+why)
	}
	if family.Maps() && enc.Embedding == 0 {
		c.add("encoder.embedding", enc.Embedding, fmt.Sprintf("1 to %d", largest))
	} else if !family.Maps() && enc.Embedding != 0 {
		c.add("encoder.embedding", enc.Embedding, "0: in "+family.Title+" it is encoder.hidden; or encoder.type: "+arch.ALBERT)
	}
	if enc.Heads < 1 || enc.Hidden%enc.Heads != 0 {
		c.add("encoder.heads", enc.Heads, fmt.Sprintf("a divisor of encoder.hidden (%d)", enc.Hidden))
	}
	low, key := c.e.Data.MaxLength, "data.max_length"
	if p := c.e.Pretrain; len(p.Texts) > 0 && (p.MaxLength > low || !c.e.classifies()) {
		low, key = p.MaxLength, "pretrain.max_length"
	}
	if enc.Positions < low || enc.Positions > largest {
		c.add("encoder.positions", enc.Positions, fmt.Sprintf("%d (%s) to %d", low, key, largest))
	}
}

// startsLocal says why attention of a family cannot begin at neighbours; "": it can.
func startsLocal(f *arch.Family) string {
	switch {
	case f.Maps():
		return f.Title + "'s positions are mapped before its encoder sees them"
	case !f.Positioned():
		return f.Title + " adds no positions to its words"
	}
	return ""
}

func (c *checker) data() {
	d := c.e.Data
	_, published := metrics[d.Task]
	switch {
	case d.Task == data.TaskTable:
		c.table()
	case published && d.Dir == "":
		c.add("data.dir", "", "the folder of the task as it is distributed")
	}
	if d.Task != data.TaskTable && d.MultiLabel {
		c.add("data.multi_label", true, "false, since only a table has texts with several labels")
	}
	if correlates(d.Metric) && len(d.Labels) > 0 {
		c.add("data.labels", d.Labels, "none, since data.metric "+d.Metric+" makes the labels scores")
	} else if len(d.Labels) == 1 && !d.MultiLabel {
		c.add("data.labels", d.Labels, "two or more, or none to collect them from the training file")
	}
	c.words()
	for i, label := range d.Labels {
		if len(d.Words) == 0 && slices.Contains(d.Labels[:i], label) {
			c.add(fmt.Sprintf("data.labels[%d]", i), label, "each label once")
		}
	}
	c.metric()
	if d.MaxLength < 3 {
		c.add("data.max_length", d.MaxLength, "3 or more: [CLS], a word-piece and [SEP]")
	}
	c.window()
	if _, _, ok := d.fold(); !ok {
		c.add("data.fold", d.Fold, "a fold of two or more, as 1/5")
	}
	c.unlabelled()
}

// unlabelled checks that texts without labels are of the task, and taught from.
func (c *checker) unlabelled() {
	d, teacher := c.e.Data, c.e.Retrain.Distil
	switch {
	case d.Unlabelled == "":
	case d.Task == data.TaskDemo || d.Task == data.TaskRACE:
		c.add(keyUnlabelled, d.Unlabelled, "none, since the task "+d.Task+" has all of its texts in its own form; leave it out")
	case teacher.Alpha == 0 && teacher.CLS == 0:
		c.add(keyUnlabelled, d.Unlabelled, "retrain.distil.alpha or cls above 0 beside it: what such texts teach is what stage 1's model says of them")
	}
}

// window checks how long texts are divided.
func (c *checker) window() {
	d := c.e.Data
	w := d.Window
	if w.Join == "" {
		if w.Stride > 0 {
			c.add("data.window.stride", w.Stride, "data.window.join beside it, as mean, without which long texts are cut")
		}
		return
	}
	if most := d.MaxLength - 3; w.Stride > most {
		c.add("data.window.stride", w.Stride, fmt.Sprintf("%d at most, data.max_length less [CLS], [SEP] and one", most))
	}
	if len(d.Text) == 2 || d.Task == data.TaskRACE {
		c.add("data.window.join", w.Join, "none, since pairs and options are cut; leave it out")
	}
}

// words checks what stands in the files for labels.
func (c *checker) words() {
	d := c.e.Data
	if len(d.Words) > 0 && len(d.Labels) == 0 {
		c.add("data.words", d.Words, "data.labels beside it, a name for each")
		return
	}
	if len(d.Words) > 0 && len(d.Words) != len(d.Labels) {
		c.add("data.words", d.Words, fmt.Sprintf("one for each of the %d labels", len(d.Labels)))
	}
	for i, word := range d.Words {
		if slices.Contains(d.Words[:i], word) {
			c.add(fmt.Sprintf("data.words[%d]", i), word, "each word once")
		}
	}
	if names := slices.Compact(slices.Sorted(slices.Values(d.Labels))); len(d.Words) > 0 && len(names) < 2 {
		c.add("data.labels", d.Labels, "two names or more: what stands in the file for every label, as {0: negative, 1: positive}")
	}
}

// metric wants one that says something of the task.
func (c *checker) metric() {
	d := c.e.Data
	kind := problem.OfTable(d.MultiLabel, d.Task == data.TaskSTSB)
	all := kind.Metrics()
	if d.Task == data.TaskTable && !d.MultiLabel {
		all = append(all, problem.OfTable(false, true).Metrics()...)
	}
	if !kind.Knows(d.Metric) || slices.Contains(all, d.Metric) { // else it is of one label, which the data has or not
		if want := oneOf(all...).wants(reflect.ValueOf(d.Metric)); want != "" {
			c.add("data.metric", d.Metric, want)
		}
	}
}

// several checks the keys of texts with several labels, or scores.
func (c *checker) several() {
	d := c.e.Data
	columns := d.Label.list()
	for i, name := range columns {
		if name == "" || slices.Contains(columns[:i], name) {
			c.add("data.label", strings.Join(columns, ", "), "each column once")
			return
		}
	}
	switch {
	case len(columns) > 1 && len(d.Labels) > 0:
		c.add("data.labels", d.Labels, "none, since data.label lists them")
	case len(columns) > 1 && d.Separator != "":
		c.add("data.label_separator", d.Separator, "none, since data.label has a column for each label")
	}
}

// table checks the keys that say where a table's files and columns are.
func (c *checker) table() {
	d := c.e.Data
	if d.Train == "" {
		c.add("data.train", "", "the training file")
	}
	if r := []rune(d.Delimiter); len(r) > 1 || len(r) == 1 && strings.ContainsRune("\"\r\n\ufffd", r[0]) {
		c.add("data.delimiter", d.Delimiter, "one character, as ; or |")
	}
	if slices.Contains([]string{data.JSONL, data.JSON, data.Parquet}, d.Format) && len(d.Header)+len(d.Delimiter) > 0 {
		c.add("data.format", d.Format, "csv or tsv, since data.header and data.delimiter are of their columns")
	}
	switch {
	case len(d.Text) == 0:
		c.add("data.text", "", "the names of one or two text columns, as [sentence]")
	case len(d.Text) > 2:
		c.add("data.text", d.Text, "one or two columns")
	}
	if d.Label == "" {
		c.add("data.label", "", "the name of the label column")
	} else {
		c.several()
	}
}

// labels checks how labels count.
func (c *checker) labels() {
	f := c.e.Finetune
	const one = "nothing, since only a task with labels has a place for it"
	if c.e.Data.Task != data.TaskRACE && !correlates(c.e.Data.Metric) {
		return
	}
	if f.Sampling == SampleBalanced {
		c.add("finetune.sampling", f.Sampling, SampleEach+", since only a task with labels has a place for another")
	}
	if f.ClassWeights != "" {
		c.add("finetune.class_weights", f.ClassWeights, one)
	}
	if f.LabelSmoothing > 0 {
		c.add("finetune.label_smoothing", f.LabelSmoothing, one)
	}
}

func (c *checker) pretrain() {
	p := c.e.Pretrain
	if len(p.Texts) == 0 || len(p.Stack) == 0 {
		return
	}
	if c.e.Model != "" {
		c.add("pretrain.stack", p.Stack, "none, since model brings its encoders")
		return
	}
	if want := above(0).below(1 / float64(len(p.Stack))).wants(reflect.ValueOf(p.StackShare)); want != "" {
		c.add("pretrain.stack_share", p.StackShare, want)
	}
	for i, n := range append(slices.Clone(p.Stack), c.e.Encoder.Layers)[1:] {
		if below := p.Stack[i]; below < 1 || n <= below || n%below != 0 {
			c.add(fmt.Sprintf("pretrain.stack[%d]", i), below, fmt.Sprintf("a divisor of %d, the number of encoders after it, and less", n))
		}
	}
}

func (c *checker) search() {
	s := c.e.Search
	c.goals()
	c.distil("search.distil", s.Distil)
	if s.PadQueriesVote && !c.e.Data.Pad {
		c.add("data.pad", false, "true, since search.pad_queries_vote counts padding; or search.pad_queries_vote: false")
	}
}

// goals checks what is searched for.
func (c *checker) goals() {
	s := c.e.Search
	if s.Target > 0 && s.MaxDrop != NoPoints {
		c.add("search.max_drop", s.MaxDrop, noneWord+" where search.target asks for a price, or no search.target")
	}
	if l := s.Latency; l.Milliseconds > 0 && (s.Target > 0 || s.MaxDrop != NoPoints) {
		c.add("search.latency.ms", l.Milliseconds, "0 where search.target or search.max_drop is given, or neither of these")
	}
	if s.Latency.Length > c.e.Data.MaxLength {
		c.add("search.latency.length", s.Latency.Length, fmt.Sprintf("at most data.max_length, %d", c.e.Data.MaxLength))
	}
	for i, name := range s.Candidates {
		if key := fmt.Sprintf("search.candidates[%d]", i); !isCandidate(name) {
			c.add(key, name, fmt.Sprintf("%s, %s, %s, or a student as %s", retention.ListLearned, retention.ListGeometric, Narrow, StudentStage(MethodDistilBERT, 3)))
		} else if slices.Contains(s.Candidates[:i], name) {
			c.add(key, name, "each candidate once")
		}
	}
}

// distil checks a section about stage 1's model as teacher.
func (c *checker) distil(key string, d Distil) {
	if c.e.Model == "" && c.e.Encoder.Layers == 1 && d.CLS > 0 {
		c.add(key+".cls", d.CLS, "0, since one encoder has none before the last; or encoder.layers: 2 or more")
	}
}

func (c *checker) retrain() {
	c.distil("retrain.distil", c.e.Retrain.Distil)
	c.budgets()
	list, above, n := c.e.Retrain.Retention, c.e.Data.MaxLength, c.e.Encoder.Layers
	counted := c.e.Model == ""
	if student := c.e.Retrain.Student; student != "" {
		_, layers, fewer := ParseStudent(student)
		neurons, narrow := ParseNarrow(student)
		if !fewer && !narrow || c.e.Model == "" && (fewer && layers >= n || narrow && neurons >= c.e.Encoder.Intermediate) {
			c.add("retrain.student", student, fmt.Sprintf("a student of fewer encoders, as %s, or of fewer feed-forward neurons, as %s", StudentStage(MethodDistilBERT, 3), NarrowStudent(256)))
		}
		if fewer {
			n, counted = layers, true
		}
	}
	if len(list) > 0 && counted && len(list) != n {
		c.add("retrain.retention", list, fmt.Sprintf("a count per encoder, %d", n))
		return
	}
	for j, l := range list {
		if l < 1 || l > above {
			c.add(fmt.Sprintf("retrain.retention[%d]", j), l, fmt.Sprintf("1 to %d, for no encoder keeps more than come to it", above))
			continue
		}
		above = l
	}
}

// budgets checks the prices that one model is to serve.
func (c *checker) budgets() {
	list := c.e.Retrain.Budgets
	for i, share := range list {
		if key := fmt.Sprintf("retrain.budgets[%d]", i); !(share > 0 && share <= 1) {
			c.add(key, share, "more than 0 and 1 at most")
		} else if slices.Contains(list[:i], share) {
			c.add(key, share, "each share once")
		}
	}
	switch {
	case len(list) == 0:
	case c.e.Retrain.Given():
		c.add("retrain.budgets", list, "none where retrain.retention or retrain.student says what stage 3 is to be")
	case c.e.Search.MaxDrop != NoPoints:
		c.add("retrain.budgets", list, "none where search.max_drop looks for a price; ask for one with search.target")
	}
}
