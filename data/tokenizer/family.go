package tokenizer

import (
	"fmt"
	"slices"
	"strings"
)

// A family is the tokenizers of transformers that are of one kind.
type family struct {
	classes  []string // of transformers; the first is the usual one
	types    []string // model_type of config.json
	files    []string // that the pieces may come from beside tokenizer.json
	specials specials // as they are called unless a configuration says otherwise
	// file makes the tokenizer.json of those files, as transformers would.
	file func(path string, s source) (*tokenizerJSON, error)
}

// source is what a directory says beside the file of the pieces.
type source struct {
	configJSON
	names specials
	cased bool // unless do_lower_case says otherwise
}

// lower tells whether case is lowered.
func (s source) lower() bool { return value(s.LowerCase, !s.cased) }

var families = []family{
	{[]string{"BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer", "ConvBertTokenizer", "SqueezeBertTokenizer", "LayoutLMTokenizer", "LxmertTokenizer"},
		[]string{"bert", "distilbert", "electra", "mobilebert", "convbert", "squeezebert", "layoutlm", "lxmert", "ernie", "nezha", "megatron-bert", "nomic_bert"},
		[]string{vocabName}, bertSpecials(), bertFile},
	{[]string{"MPNetTokenizer"}, []string{"mpnet"}, []string{vocabName}, mpnetSpecials(), mpnetFile},
	{[]string{"RobertaTokenizer", "LongformerTokenizer"}, []string{"roberta", "longformer"},
		[]string{vocabJSONName}, robertaSpecials("<unk>"), robertaFile},
	{[]string{"DebertaTokenizer"}, []string{"deberta"}, []string{vocabJSONName}, debertaSpecials(), robertaFile},
	{[]string{"AlbertTokenizer"}, []string{"albert"}, []string{spmName}, albertSpecials(), albertFile},
	{[]string{"XLMRobertaTokenizer"}, []string{"xlm-roberta", "xlm-roberta-xl", "xmod"}, []string{bpeModelName}, robertaSpecials("<unk>"), xlmRobertaFile},
	{[]string{"CamembertTokenizer"}, []string{"camembert"}, []string{bpeModelName}, robertaSpecials("<unk>"), camembertFile},
	{[]string{"DebertaV2Tokenizer"}, []string{"deberta-v2"}, []string{spmV2Name}, debertaSpecials(), debertaV2File},
}

// wholeClasses are those whose tokenizer.json says it all.
var wholeClasses = []string{"PreTrainedTokenizerFast", "PreTrainedTokenizer", "TokenizersBackend"}

// pythonClasses are those that cut text in Python, whatever a tokenizer.json says.
var pythonClasses = []string{"BertJapaneseTokenizer", "BertweetTokenizer", "PhobertTokenizer", "CanineTokenizer", "FlaubertTokenizer", "XLMTokenizer", "RoFormerTokenizer",
	"TapasTokenizer", "HerbertTokenizer"}

// familyOf is the family of a class, nil if that is one of wholeClasses or none is
// named. A class that is not known is an error, unless there is a tokenizer.json.
func familyOf(class string, whole bool) (*family, error) {
	class = strings.TrimSuffix(class, "Fast")
	for i := range families {
		if slices.Contains(families[i].classes, class) {
			return &families[i], nil
		}
	}
	switch {
	case slices.Contains(pythonClasses, class):
		return nil, fmt.Errorf("tokenizer_class is %q, which cuts text in Python code of its own; want one of %s", class, known())
	case whole, class == "", slices.Contains(wholeClasses, class), slices.Contains(wholeClasses, class+"Fast"):
		return nil, nil
	}
	return nil, fmt.Errorf("tokenizer_class is %q, want one of %s, or a %s beside it", class, known(), jsonName)
}

// known lists the classes.
func known() string {
	var names []string
	for _, f := range families {
		names = append(names, f.classes...)
	}
	return strings.Join(append(names, wholeClasses...), ", ")
}

// familyOfType is the family of a model_type; nil if it has none. A model that takes
// word-vectors out has the model_type of its encoder behind "power-".
func familyOfType(kind string) *family {
	kind = strings.TrimPrefix(kind, "power-")
	for i := range families {
		if slices.Contains(families[i].types, kind) {
			return &families[i]
		}
	}
	return nil
}

// familyOfFile is the first family that reads a file of that name.
func familyOfFile(name string) *family {
	for i := range families {
		if slices.Contains(families[i].files, name) {
			return &families[i]
		}
	}
	return nil
}
