package inspect

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/shingles"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/problem"
)

// vocabulary is that of the made texts: w0 … w199.
func vocabulary(t *testing.T) tokenizer.Tokenizer {
	t.Helper()
	pieces := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]"}
	for i := range 200 {
		pieces = append(pieces, fmt.Sprint("w", i))
	}
	tok, err := tokenizer.New(pieces, tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// made is a set of so many texts of 14 words, the labels taking turns; the first row is line 2.
func made(path string, n int, seed uint64) *data.Set {
	draw := rand.New(rand.NewPCG(seed, 1))
	set := &data.Set{Path: path, Problem: problem.Classification, Labels: []string{"no", "yes"}}
	for i := range n {
		var words []string
		for range 14 {
			words = append(words, fmt.Sprint("w", draw.IntN(200)))
		}
		set.Examples = append(set.Examples, data.Example{Text: strings.Join(words, " "), Label: i % 2, Line: i + 2})
	}
	return set
}

// inspected plants a fault into clean sets of 400 and 40 rows and returns what is found.
func inspected(t *testing.T, maxLength int, plant func(train, dev *data.Set)) []Finding {
	t.Helper()
	train, dev := made("train.csv", 400, 1), made("dev.csv", 40, 2)
	plant(train, dev)
	sets, tok := &data.Sets{Train: train, Dev: dev}, vocabulary(t)
	return Look(data.Source{Task: data.TaskTable, Train: train.Path, Dev: dev.Path, Text: []string{"body"}, Label: "label"}, sets, sets.Encode(tok, maxLength, nil), tok)
}

// relabel gives the first n rows of a label another one.
func relabel(set *data.Set, from, to, n int) {
	for i := range set.Examples {
		if e := &set.Examples[i]; e.Label == from && n > 0 {
			e.Label, n = to, n-1
		}
	}
}

// say adds words to the first n rows of a label.
func say(set *data.Set, label, n int, words string) {
	for i := range set.Examples {
		if e := &set.Examples[i]; e.Label == label && n > 0 {
			e.Text, n = e.Text+" "+words, n-1
		}
	}
}

func TestLookFindsWhatIsPlanted(t *testing.T) {
	tests := []struct {
		name  string
		plant func(train, dev *data.Set)
		want  []string // set, name, count and lines of each finding
	}{
		{"nothing", func(_, _ *data.Set) {}, nil},
		{"the same row", func(train, dev *data.Set) { dev.Examples[3].Text = train.Examples[5].Text }, []string{"dev, dev in train: 1 [5 train.csv:7]"}},
		{"the same row but for case, signs and a word", func(train, dev *data.Set) {
			dev.Examples[3].Text = strings.ToUpper(train.Examples[5].Text) + "! w1"
		}, []string{"dev, dev near train: 1 [5 train.csv:7]"}},
		{"a row that shares half its words", func(train, dev *data.Set) {
			words := strings.Fields(train.Examples[5].Text)
			words[7] = "w1"
			dev.Examples[3].Text = strings.Join(words, " ") // 9 of 15 shingles
		}, nil},
		{"a row that is there, and nearly there before", func(train, dev *data.Set) {
			dev.Examples[3].Text = train.Examples[5].Text
			train.Examples[1].Text = train.Examples[5].Text + "!"
		}, []string{"dev, dev in train: 1 [5 train.csv:7]"}},
		{"a row twice", func(train, _ *data.Set) { train.Examples[8].Text = train.Examples[2].Text }, []string{"train, duplicates: 1 [10 train.csv:4]"}},
		{"a row thrice, once with another label", func(train, _ *data.Set) {
			train.Examples[8].Text, train.Examples[9].Text = train.Examples[2].Text, train.Examples[2].Text
		}, []string{"train, duplicates: 1 [10 train.csv:4]", "train, contradictions: 1 [11 train.csv:4]"}},
		{"a pair of labels in dev", func(_, dev *data.Set) { dev.Examples[9].Text = dev.Examples[2].Text }, []string{"dev, contradictions: 1 [11 dev.csv:4]"}},
		{"blank texts", func(train, dev *data.Set) {
			train.Examples[4].Text, train.Examples[7].Text, dev.Examples[1].Text = "\u200b \t", "", " "
		}, []string{"train, blank texts: 2 [6  9 ]", "dev, blank texts: 1 [3 ]"}},
		{"8 of a label", func(train, _ *data.Set) {
			train.Examples = train.Examples[:100]
			relabel(train, 1, 0, 42)
		}, nil},
		{"7 of a label", func(train, _ *data.Set) {
			train.Examples = train.Examples[:100]
			relabel(train, 1, 0, 43)
		}, []string{"train, few of a label: 7 [89  91  93  95  97 ]"}},
		{"under 2 % of a label, over 95 % of the other", func(train, _ *data.Set) {
			train.Examples = append(train.Examples, made("train.csv", 200, 3).Examples...)
			relabel(train, 1, 0, 289)
		}, []string{"train, few of a label: 11 [181  183  185  187  189 ]", "train, one label: 589 []"}},
		{"a label without rows", func(train, _ *data.Set) { train.Labels = append(train.Labels, "perhaps") }, []string{"train, few of a label: 0 []"}},
		{"labels in two spellings", func(train, _ *data.Set) {
			train.Labels = append(train.Labels, "Yes_", "1", "1.0")
			for i := range 90 {
				train.Examples[i].Label = 2 + i%3
			}
		}, []string{"train, label typos: 2 [93  2 ]", "train, label typos: 2 [3  4 ]"}},
		{"ids", func(train, dev *data.Set) {
			for i := range train.Examples {
				train.Examples[i].Text = fmt.Sprintf("tt-%07d", i)
			}
		}, []string{"train, an id as text: 400 [2  3  4  5  6 ]", "train, unknown pieces: 1200 [2  3  4  5  6 ]"}},
		{"ids, one of them twice", func(train, dev *data.Set) {
			for i := range train.Examples {
				train.Examples[i].Text = fmt.Sprintf("tt-%07d", max(i, 1))
			}
		}, []string{"train, contradictions: 1 [3 train.csv:2]", "train, unknown pieces: 1200 [2  3  4  5  6 ]"}},
		{"a word that gives the label away", func(train, _ *data.Set) { say(train, 1, 60, "###") }, []string{"train, gives the label away: 60 [3  5  7  9  11 ]", "train, unknown pieces: 180 [3  5  7  9  11 ]"}},
		{"a word that less than three tenths of its label have", func(train, _ *data.Set) { say(train, 1, 59, "###") }, []string{"train, unknown pieces: 177 [3  5  7  9  11 ]"}},
		{"the same once in the other label", func(train, _ *data.Set) {
			say(train, 1, 199, "w0w")
			say(train, 0, 1, "w0w")
		}, []string{"train, unknown pieces: 200 [2  3  5  7  9 ]"}},
		{"a word of too few rows", func(train, _ *data.Set) {
			relabel(train, 1, 0, 178)
			say(train, 1, 7, "zz")
		}, nil},
		{"a word that chance may bring", func(train, _ *data.Set) {
			train.Examples = train.Examples[:100]
			say(train, 1, 15, "zz")
		}, nil},
		{"unknown words", func(train, _ *data.Set) { say(train, 0, 60, "x1 x2") }, []string{"train, gives the label away: 60 [2  4  6  8  10 ]", "train, gives the label away: 60 [2  4  6  8  10 ]", "train, unknown pieces: 120 [2  4  6  8  10 ]"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, f := range inspected(t, 32, test.plant) {
				var at []string
				for _, p := range f.Examples {
					at = append(at, fmt.Sprint(p.Line, " ", p.Like))
				}
				got = append(got, fmt.Sprintf("%s, %s: %d %v", f.Set, f.Name, f.Count, at))
				if f.What == "" || f.Remedy == "" || f.Of < f.Count {
					t.Errorf("%+v lacks words or counts", f)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// A row has 16 pieces.
func TestLookFindsCuts(t *testing.T) {
	none := func(_, _ *data.Set) {}
	for _, test := range []struct{ maxLength, found int }{{16, 0}, {15, 0}, {14, 2}} { // 0, 6 and 12 %
		if got := inspected(t, test.maxLength, none); len(got) != test.found {
			t.Errorf("max_length %d: %v, want %d findings", test.maxLength, got, test.found)
		}
	}
	if got, want := inspected(t, 14, none)[1].String(), "dev: data.max_length cuts off 80 of 640 word-pieces (12.5 %); raise data.max_length, if the time allows; train data shows the lengths"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Rows held out are training rows: what they share with dev is found, and a label is not
// rare because half of it is elsewhere.
func TestLookCountsHeldOutAsTrain(t *testing.T) {
	whole, dev, tok := made("train.csv", 20, 1), made("dev.csv", 10, 2), vocabulary(t)
	train, held := *whole, *whole
	train.Examples, held.Examples = whole.Examples[:10], whole.Examples[10:]
	dev.Examples[0].Text = held.Examples[3].Text
	sets := &data.Sets{Train: &train, HeldOut: &held, Dev: dev}
	found := Look(data.Source{Task: data.TaskTable}, sets, sets.Encode(tok, 0, nil), tok)
	if len(found) != 1 || found[0].Name != "dev in train" || found[0].Examples[0].Like != "train.csv:15" {
		t.Errorf("found %v, want the row of line 15", found)
	}
}

// Rows that choose are looked at where dev is a file of its own, and where dev is a part of the
// training file the remedy is to keep near rows on one side, unless they are.
func TestLookAtRowsThatChoose(t *testing.T) {
	whole, dev, tok := made("train.csv", 20, 1), made("dev.csv", 10, 2), vocabulary(t)
	train, held := *whole, *whole
	train.Examples, held.Examples = whole.Examples[:10], slices.Clone(whole.Examples[10:])
	held.Examples[3].Text, dev.Examples[2].Text = train.Examples[5].Text+" w1", train.Examples[6].Text+" w2"
	held.Part = ", of the rest a part"
	const remember, together = "take them out of train, or", "set data.together: near, which keeps such rows on one side, or"
	for _, test := range []struct {
		part                  string
		devApart, chooseApart bool
		want                  []string
	}{
		{"", false, true, []string{"dev near train 4 train.csv:8 " + remember, "held out near train 15 train.csv:7 " + together}},
		{"", false, false, []string{"dev near train 4 train.csv:8 " + remember, "held out near train 15 train.csv:7 " + remember}},
		{", a part", true, true, []string{"dev near train 4 train.csv:8 " + together}},
		{", a part", false, true, []string{"dev near train 4 train.csv:8 " + remember}},
	} {
		dev.NearApart, held.NearApart = test.devApart, test.chooseApart
		dev.Part = test.part
		sets := &data.Sets{Train: &train, HeldOut: &held, Dev: dev}
		var got []string
		for _, f := range Look(data.Source{Task: data.TaskTable}, sets, sets.Encode(tok, 0, nil), tok) {
			remedy, _, _ := strings.Cut(f.Remedy, " the score")
			got = append(got, fmt.Sprint(f.Name, " ", f.Examples[0].Line, " ", f.Examples[0].Like, " ", remedy))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: found %q, want %q", test, got, test.want)
		}
	}
}

func TestLookAtPairsAndScores(t *testing.T) {
	train, dev, tok := made("train.csv", 40, 1), made("dev.csv", 10, 2), vocabulary(t)
	for _, set := range []*data.Set{train, dev} {
		set.Problem, set.Paired, set.Labels = problem.Regression, true, []string{"score"}
		for i := range set.Examples {
			set.Examples[i].Pair, set.Examples[i].Label, set.Examples[i].Targets = "w1 w2 w3 w4", 0, []float64{float64(i) / 8}
		}
	}
	e := train.Examples
	e[30].Text, e[31].Text = e[10].Text, e[30].Text // 1.25 and 3.75: half the range apart
	e[12].Text = e[11].Text                         // 1.375 and 1.5: nearly the same
	e[20].Text, e[20].Pair = "w1 w2 w3 w4", e[19].Text
	dev.Examples[2].Text, dev.Examples[2].Pair = e[19].Text, "w1 w2 w3 w4" // the pair of line 21, not of line 22
	sets := &data.Sets{Train: train, Dev: dev}
	var got []string
	for _, f := range Look(data.Source{Task: data.TaskTable}, sets, sets.Encode(tok, 0, nil), tok) {
		got = append(got, fmt.Sprint(f.Name, " ", f.Examples[0].Line, " ", f.Examples[0].Like))
	}
	want := []string{"dev in train 4 train.csv:21", "duplicates 14 train.csv:13", "contradictions 32 train.csv:12"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// The signatures are held to every pair's similarity.
func TestNearestFindsAllThatIsNear(t *testing.T) {
	draw := rand.New(rand.NewPCG(7, 7))
	train, dev := &part{Set: made("train.csv", 300, 5)}, &part{Set: made("dev.csv", 300, 6)}
	for i := range dev.Examples { // a row with some words more, or one other
		words := strings.Fields(train.Examples[i].Text)
		for range 1 + draw.IntN(4) {
			words = append(words, fmt.Sprint("w", draw.IntN(200)))
		}
		dev.Examples[i].Text = strings.Join(words, " ")
	}
	want := map[int]int{}
	for i := range dev.Examples {
		for at := range slices.Backward(train.Examples) {
			if jaccard(shinglesOf(&dev.Examples[i]), shinglesOf(&train.Examples[at])) >= nearShare {
				want[i] = at
			}
		}
	}
	if n := len(want); n < 200 || n == 300 {
		t.Fatalf("%d pairs are near, want most but not all", n)
	}
	if got := nearest(dev, train); !reflect.DeepEqual(got, want) {
		t.Errorf("%d pairs are found, want %d", len(got), len(want))
	}
}

func TestJaccard(t *testing.T) {
	for _, test := range []struct {
		a, b []uint64
		want float64
	}{
		{nil, nil, 0}, {[]uint64{1}, nil, 0}, {[]uint64{1, 4, 9}, []uint64{1, 4, 9}, 1},
		{[]uint64{1, 2, 3}, []uint64{2, 3, 4, 7}, 0.4}, {[]uint64{5}, []uint64{1, 2, 5, 6}, 0.25},
	} {
		if got := jaccard(test.a, test.b); got != test.want {
			t.Errorf("jaccard(%v, %v) is %g, want %g", test.a, test.b, got, test.want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		text  string
		signs bool
		want  string
	}{
		{"It's  OK!", true, "it|'|s|ok|!"}, {"It's  OK!", false, "it|s|ok"}, {"ＡＢ\u00a0Ünïcode 3½", false, "ab|ünïcode|31|2"},
		{"…", false, ""}, {" x", false, "x"}, {"a --- b", true, "a|---|b"},
	} {
		if got := strings.Join(slices.Collect(shingles.EachWord(shingles.Normal(test.text), test.signs)), "|"); got != test.want {
			t.Errorf("words of %q are %q, want %q", test.text, got, test.want)
		}
	}
}

func TestFiles(t *testing.T) {
	utf16 := func(s string) string {
		bytes := []byte{0xff, 0xfe}
		for _, r := range s {
			bytes = append(bytes, byte(r), 0)
		}
		return string(bytes)
	}
	tests := []struct{ name, content, want string }{
		{"a.csv", "text,label\na;b;c,x\n", ""},
		{"a.csv", "text;label\n\"a;b\",x\nd;e\n", ""}, // of semicolons not every row has as many
		{"a.csv", "text;label\n\"a;b\";x\nd, e;y\n", `wrong delimiter: the delimiter ',' makes one column of it, and ';' makes 2; set data.delimiter: ';'`},
		{"a.csv", "text;label\na;x\nd;y\n", `wrong delimiter: the delimiter ',' makes one column of it, and ';' makes 2; set data.delimiter: ';'`},
		{"a.csv", "id\ttext\tlabel\n1\ta\tx\n", `wrong delimiter: the delimiter ',' makes one column of it, and '\t' makes 3; set data.format: tsv`},
		{"a.tsv", "text|label\na|x\n", `wrong delimiter: the delimiter '\t' makes one column of it, and '|' makes 2; set data.delimiter: '|'`},
		{"a.tsv", "text,label\na,x\n", `wrong delimiter: the delimiter '\t' makes one column of it, and ',' makes 2; set data.format: csv`},
		{"a.csv", "text,label\ngr\xfc\xdfe,x\nb,y\nd\xe9,x\n", "not UTF-8: 2 of 4 lines are not UTF-8, but probably WINDOWS-1252; convert it: iconv -f WINDOWS-1252 -t UTF-8"},
		{"a.jsonl", utf16("{\"text\": \"a\"}\n"), "not UTF-8: 2 of 2 lines are not UTF-8, but probably UTF-16; convert it: iconv -f UTF-16 -t UTF-8"},
		{"a.jsonl", utf16("{\"text\": \"a\"}")[2:], "not UTF-8: 1 of 1 lines are not UTF-8, but probably UTF-16LE; convert it: iconv -f UTF-16LE -t UTF-8"},
	}
	for _, test := range tests {
		path := filepath.Join(t.TempDir(), test.name)
		if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		src := data.Source{Task: data.TaskTable, Train: path, Text: []string{"text"}, Label: "label"}
		var got []string
		for _, f := range Files(src) {
			got = append(got, f.Name+": "+f.What+"; "+f.Remedy)
		}
		if text := strings.Join(got, "\n"); text != test.want {
			t.Errorf("%q: %s, want %s", test.content, text, test.want)
		}
	}
}

// A skipped row makes the file worth a look.
func TestLookAtFilesOfSkippedRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "train.csv")
	if err := os.WriteFile(path, []byte("text,label\n\xff,no\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := inspected(t, 32, func(train, _ *data.Set) { train.Path, train.Skipped = path, []data.Malformed{{Line: 2}} })
	if len(got) != 1 || got[0].Name != "not UTF-8" || got[0].Examples[0].Line != 2 {
		t.Errorf("found %v, want line 2", got)
	}
}

// The remedy for labels in two spellings is the whole of data.labels, with the most frequent
// spelling for both; of many labels it names these alone.
func TestSpellingsAreMended(t *testing.T) {
	for _, more := range []int{0, 20} {
		train := made("train.csv", 100, 1)
		train.Labels = append(train.Labels, "Yes ")
		for i := range more {
			train.Labels = append(train.Labels, fmt.Sprintf("label %d", i))
		}
		train.Examples[0].Label = 2
		want := `write them alike in the file, or set data.labels: {"no": "no", "yes": "yes", "Yes ": "yes"}`
		if more > 0 {
			want = `write them alike in the file, or list all labels in data.labels, these as {"yes": "yes", "Yes ": "yes"}`
		}
		p := &part{Set: train, name: "train"}
		if got := p.oneLabel([]int{1, 2}).Remedy; got != want {
			t.Errorf("%d more labels: %s, want %s", more, got, want)
		}
	}
}
