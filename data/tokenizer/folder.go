package tokenizer

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

// folder is a directory with a tokenizer, and what its files say.
type folder struct {
	dir, path string // path is the file with the pieces
	config    configJSON
	model     modelConfig
	class     string // of transformers; "" if nothing says it
	family    *family
	names     specials
	listed    []AddedToken // added tokens with ids
	bare      bool         // there is no tokenizer_config.json
}

// modelConfig is config.json as far as it speaks of the tokenizer.
type modelConfig struct {
	Class string `json:"tokenizer_class"`
	Type  string `json:"model_type"`
}

func loadDir(dir string, bare Options) (Tokenizer, error) {
	d := &folder{dir: dir, path: File(dir)}
	if d.path == dir {
		last := len(pieceFiles) - 1
		return nil, &Error{File: dir, Err: fmt.Errorf("no %s or %s in this directory", strings.Join(pieceFiles[:last], ", "), pieceFiles[last])}
	}
	if err := d.read(); err != nil {
		return nil, err
	}
	t, err := d.file(bare)
	if err != nil {
		return nil, err
	}
	t.addListed(d.listed)
	t.addSpecials(d.names)
	t.addNew(slices.Concat([]AddedToken(d.config.Other), d.config.Additional, d.config.Extra))
	tok, err := t.build(d.names)
	if err != nil {
		return nil, inFile(d.path, err)
	}
	d.settle(tok)
	return tok, nil
}

// whole tells whether the pieces are in a tokenizer.json.
func (d *folder) whole() bool { return filepath.Base(d.path) == jsonName }

// at is the path of a file of the directory.
func (d *folder) at(name string) string { return filepath.Join(d.dir, name) }

// read reads the files beside the pieces.
func (d *folder) read() (err error) {
	d.bare = !atomicfile.Exists(d.at(configName))
	if d.config, err = readConfig(d.at(configName)); err != nil {
		return err
	}
	if err := d.config.fill(d.at(mapName)); err != nil {
		return err
	}
	if err := readInto(d.at(modelConfigName), &d.model); err != nil {
		return err
	}
	if err := d.findFamily(); err != nil {
		return err
	}
	var usual specials
	if d.family != nil {
		usual = d.family.specials
	}
	d.names = d.config.over(usual)
	return d.list()
}

// findFamily finds out which tokenizer the pieces are for: by the class of
// tokenizer_config.json, that of config.json, its model_type, or the name of their file.
func (d *folder) findFamily() (err error) {
	file := configName
	if d.config.Class == "" && d.model.Class != "" {
		file = modelConfigName
	}
	d.class = cmp.Or(d.config.Class, d.model.Class)
	if d.family, err = familyOf(d.class, d.whole()); err != nil {
		return &Error{File: d.at(file), Err: err}
	}
	if d.class == "" {
		d.family = familyOfType(d.model.Type)
	}
	if d.whole() {
		return nil
	}
	name := filepath.Base(d.path)
	switch {
	case d.family == nil && d.class == "":
		d.family = familyOfFile(name)
	case d.family == nil:
		return &Error{File: d.at(file), Err: fmt.Errorf("tokenizer_class is %q, which needs a %s; there is %s", d.class, jsonName, name)}
	case !slices.Contains(d.family.files, name):
		return &Error{File: d.at(file), Err: fmt.Errorf("the tokenizer is a %s, which reads %s; there is %s", d.family.classes[0], d.family.files[0], name)}
	}
	if err := d.config.check(); err != nil {
		return &Error{File: d.at(configName), Err: err}
	}
	return nil
}

// list finds the added tokens that come with ids: of added_tokens_decoder, or of older
// transformers' added_tokens.json.
func (d *folder) list() (err error) {
	if d.listed, err = d.config.added(); err != nil {
		return &Error{File: d.at(configName), Err: err}
	}
	if d.config.Added != nil {
		return nil
	}
	var older map[string]int32
	if err := readInto(d.at(addedName), &older); err != nil {
		return err
	}
	for content, id := range older {
		isSpecial := d.isSpecial(content)
		d.listed = append(d.listed, AddedToken{ID: id, Content: content, Special: isSpecial, Normalized: !isSpecial})
	}
	slices.SortFunc(d.listed, byID)
	return nil
}

// isSpecial tells whether a configuration calls a token special.
func (d *folder) isSpecial(content string) bool {
	is := func(t AddedToken) bool { return t.Content == content }
	return slices.ContainsFunc(d.names.all(), func(t *AddedToken) bool { return is(*t) }) ||
		slices.ContainsFunc(slices.Concat([]AddedToken(d.config.Other), d.config.Additional, d.config.Extra), is)
}

// file is the tokenizer.json of the directory, read or made of other files.
func (d *folder) file(bare Options) (*tokenizerJSON, error) {
	if d.whole() {
		t, err := readJSON(d.path)
		if err == nil {
			d.config.settle(t)
		}
		return t, err
	}
	t, err := d.family.file(d.path, source{configJSON: d.config, names: d.names, cased: d.bare && bare.Cased})
	return t, inFile(d.path, err)
}

// settle tells the tokenizer what transformers would call it, and takes the types of the
// second text away where transformers gives none.
func (d *folder) settle(tok Tokenizer) {
	c := coreOf(tok)
	class := strings.TrimSuffix(d.class, "Fast")
	if class == "" && d.family != nil {
		class = d.family.classes[0]
	}
	c.class = class
	if d.untyped(class) {
		c.untype()
	}
}

// untyped tells whether transformers gives the model no token types: where the inputs
// are listed without them, or where an ALBERT was saved by transformers from 5.0 on, which
// lists none but names its backend. An ALBERT trained there learned without types.
func (d *folder) untyped(class string) bool {
	if d.config.Inputs != nil {
		return !slices.Contains(d.config.Inputs, "token_type_ids")
	}
	return class == "AlbertTokenizer" && d.config.Backend != ""
}

// untype gives every id the type 0.
func (c *core) untype() {
	c.single, c.pair = c.single.untyped(), c.pair.untyped()
	c.file.PostProcessor = c.single.processor(c.pair, c.tokens)
}

// coreOf is what a tokenizer has in common with others.
func coreOf(tok Tokenizer) *core {
	switch t := tok.(type) {
	case *WordPiece:
		return &t.core
	case *Unigram:
		return &t.core
	}
	return &tok.(*BPE).core
}
