package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A pkg is a package whose code is changed or whose tests judge.
type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Deps       []string
}

// load asks the go command about packages.
func load(ctx context.Context, patterns []string) (list []*pkg, err error) {
	out, err := exec.CommandContext(ctx, "go", append([]string{"list", "-json=ImportPath,Dir,GoFiles,Deps"}, patterns...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		p := &pkg{}
		if err := dec.Decode(p); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// imports tells whether p is built on another package.
func (p *pkg) imports(other *pkg) bool { return slices.Contains(p.Deps, other.ImportPath) }

// A mutant is one change of a file: the bytes from one offset to another give way to
// others.
type mutant struct {
	in       *pkg
	file     string
	place    token.Position
	from, to int
	was, now string
}

// String is where the change is, and what.
func (m mutant) String() string {
	line := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	return fmt.Sprintf("%s:%d:%d: %s → %s", filepath.Join(filepath.Base(m.in.Dir), filepath.Base(m.file)), m.place.Line, m.place.Column, line(m.was), line(m.now))
}

// overlay writes the changed file into a folder, and what the go command wants to know
// of it.
func (m mutant) overlay(dir string) (path string, err error) {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(dir, filepath.Base(m.file))
	if err := os.WriteFile(changed, []byte(string(text[:m.from])+m.now+string(text[m.to:])), 0o644); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{m.file: changed}})
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, replace, 0o644)
}

// mutants are all changes of a package, file by file.
func (p *pkg) mutants() (list []mutant, err error) {
	for _, name := range p.GoFiles {
		path, set := filepath.Join(p.Dir, name), token.NewFileSet()
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		c := changes{in: p, path: path, set: set, text: text}
		ast.Inspect(file, c.visit)
		list = append(list, c.list...)
	}
	return list, nil
}

// changes gathers the mutants of a file.
type changes struct {
	in   *pkg
	path string
	set  *token.FileSet
	text []byte
	list []mutant
}

// add puts other text in the place of some.
func (c *changes) add(from, to token.Pos, now string) {
	start, end := c.set.Position(from), c.set.Position(to)
	c.list = append(c.list, mutant{c.in, c.path, start, start.Offset, end.Offset, string(c.text[start.Offset:end.Offset]), now})
}

// operators are what an operator may become.
var operators = map[token.Token][]token.Token{
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL}, token.REM: {token.MUL},
	token.LSS: {token.LEQ, token.GTR}, token.LEQ: {token.LSS}, token.GTR: {token.GEQ, token.LSS}, token.GEQ: {token.GTR},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL}, token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD_ASSIGN: {token.SUB_ASSIGN, token.ASSIGN}, token.SUB_ASSIGN: {token.ADD_ASSIGN}, token.MUL_ASSIGN: {token.ASSIGN},
	token.QUO_ASSIGN: {token.MUL_ASSIGN}, token.INC: {token.DEC}, token.DEC: {token.INC},
}

// visit adds the changes at a node: an operator, a number, a condition or a call whose
// result nobody reads.
func (c *changes) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		c.operator(n.OpPos, n.Op)
	case *ast.AssignStmt:
		c.operator(n.TokPos, n.Tok)
	case *ast.IncDecStmt:
		c.operator(n.TokPos, n.Tok)
	case *ast.UnaryExpr:
		if n.Op == token.NOT || n.Op == token.SUB {
			c.add(n.OpPos, n.X.Pos(), "")
		}
	case *ast.BasicLit:
		c.number(n)
	case *ast.IfStmt:
		c.add(n.Cond.Pos(), n.Cond.End(), "false && ("+string(c.text[c.set.Position(n.Cond.Pos()).Offset:c.set.Position(n.Cond.End()).Offset])+")")
	case *ast.ExprStmt:
		if _, call := n.X.(*ast.CallExpr); call {
			c.add(n.Pos(), n.End(), "func() { if false { "+string(c.text[c.set.Position(n.Pos()).Offset:c.set.Position(n.End()).Offset])+" } }()")
		}
	case *ast.GenDecl:
		return n.Tok != token.IMPORT
	}
	return true
}

func (c *changes) operator(at token.Pos, op token.Token) {
	for _, other := range operators[op] {
		c.add(at, at+token.Pos(len(op.String())), other.String())
	}
}

// number makes a number one more, and a fraction half as large.
func (c *changes) number(n *ast.BasicLit) {
	switch n.Kind {
	case token.INT:
		if v, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
			c.add(n.Pos(), n.End(), strconv.FormatInt(v+1, 10))
		}
	case token.FLOAT:
		c.add(n.Pos(), n.End(), "("+n.Value+"/2)")
	}
}
