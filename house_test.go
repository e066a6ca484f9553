package powerbert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The limits that keep rooms from growing into houses.
const (
	mostMethods      = 15 // of a type in the rooms of pipeline, experiments and predict
	mostFilesInCycle = 5  // files of a package that all need one another
	mostArrowsBack   = 5  // arrows between files of such a room that run back in the best order found
	mostAsking       = 20 // lines outside of problem that ask which kind of problem it is
	longFunction     = 27 // lines of a function at the 95th percentile
	usualFunction    = 9  // at the median
	leastTests       = 0.64
)

// A room is a package of this module, checked.
type room struct {
	path  string // from the module's root
	files map[string]*ast.File
	info  *types.Info
	pkg   *types.Package
	set   *token.FileSet
	lines int // of code without tests
	tests int // of tests
}

// house is every package of the module with its types. The go command compiles what they
// import, or has it compiled already.
func house(t *testing.T) []*room {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,TestGoFiles,XTestGoFiles,Module,Standard", "./...").Output()
	if err != nil {
		t.Fatalf("go list -export: %v", err)
	}
	exports := map[string]string{}
	set := token.NewFileSet()
	imports := importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	var rooms []*room
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p struct {
			ImportPath, Dir, Export            string
			GoFiles, TestGoFiles, XTestGoFiles []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		inside, ok := strings.CutPrefix(p.ImportPath, module)
		if !ok {
			continue
		}
		r := &room{path: inside, files: map[string]*ast.File{}, set: set}
		for _, name := range p.GoFiles {
			r.lines += r.parse(t, filepath.Join(p.Dir, name), true)
		}
		for _, name := range slices.Concat(p.TestGoFiles, p.XTestGoFiles) {
			r.tests += r.parse(t, filepath.Join(p.Dir, name), false)
		}
		r.info = &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
		config := types.Config{Importer: imports}
		if r.pkg, err = config.Check(p.ImportPath, set, slices.Collect(maps.Values(r.files)), r.info); err != nil {
			t.Fatal(err)
		}
		rooms = append(rooms, r)
	}
	return rooms
}

// parse counts the lines of a file, and keeps one that is code.
func (r *room) parse(t *testing.T, path string, code bool) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if code {
		file, err := parser.ParseFile(r.set, path, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		r.files[filepath.Base(path)] = file
	}
	return bytes.Count(text, []byte("\n"))
}

// among tells whether the room is one of these, or below one that ends in a slash.
func (r *room) among(paths ...string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		return r.path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(r.path, p)
	})
}

func TestHouse(t *testing.T) {
	rooms := house(t)
	t.Run("types have few methods", func(t *testing.T) {
		for _, r := range rooms {
			if r.among("pipeline", "pipeline/", "experiments/", "experiments", "predict") {
				for name, n := range r.methods() {
					if n > mostMethods {
						t.Errorf("%s.%s has %d methods, want %d at most: it does more than one thing", r.path, name, n, mostMethods)
					}
				}
			}
		}
	})
	t.Run("files open one after another", func(t *testing.T) {
		for _, r := range rooms {
			if !r.among("pipeline", "pipeline/", "experiments/", "predict", "infer", "model/", "sweep", "configs", "problem", "retention") {
				continue
			}
			arrows := r.arrows()
			if cycle := largestCycle(arrows); len(cycle) > mostFilesInCycle {
				t.Errorf("%s: %d files need one another, want %d at most: %s", r.path, len(cycle), mostFilesInCycle, strings.Join(cycle, " "))
			}
			if back := arrowsBack(arrows); r.among("pipeline", "pipeline/") && len(back) > mostArrowsBack {
				t.Errorf("%s: %d arrows between files run back, want %d at most: %s", r.path, len(back), mostArrowsBack, strings.Join(back, ", "))
			}
		}
	})
	t.Run("few ask which problem it is", func(t *testing.T) {
		var asking []string
		for _, r := range rooms {
			if r.path != "problem" {
				asking = append(asking, r.linesWith(func(o types.Object) bool {
					c, ok := o.(*types.Const)
					return ok && strings.HasSuffix(c.Type().String(), "/problem.Kind")
				})...)
			}
		}
		if len(asking) > mostAsking {
			t.Errorf("%d lines ask for the problem, want %d at most:\n%s", len(asking), mostAsking, strings.Join(asking, "\n"))
		}
	})
	t.Run("run directories are named in one room", func(t *testing.T) {
		for _, r := range rooms {
			if r.path != "pipeline/rundir" {
				r.literals(func(at token.Position, text string) {
					if slices.Contains([]string{"experiment.yaml", "result.json", "retention.json", "metrics.jsonl", "trials.json"}, text) {
						t.Errorf("%s spells %q, which pipeline/rundir knows", at, text)
					}
				})
			}
		}
	})
	t.Run("work is begun by the loop's caller alone", func(t *testing.T) {
		for _, r := range rooms {
			for _, at := range r.literalsOf("/pipeline/train.Work") {
				if r.path != "pipeline/train" && filepath.Base(at.Filename) != "stage.go" {
					t.Errorf("%s makes a train.Work; a plan.Plan answers questions", at)
				}
			}
		}
	})
	t.Run("only what does not exist is absent", func(t *testing.T) {
		for _, r := range rooms {
			if r.path == "internal/atomicfile" { // which says what absence is
				continue
			}
			for _, at := range r.blindLooks() {
				t.Errorf("%s takes any error of a look for absence; ask atomicfile.Exists, or which error it is", at)
			}
		}
	})
	t.Run("exported names are documented", func(t *testing.T) {
		for _, r := range rooms {
			for _, name := range r.undocumented() {
				t.Errorf("%s has no comment", name)
			}
		}
	})
	t.Run("functions are short, and tested", func(t *testing.T) {
		var lengths []int
		lines, tests := 0, 0
		for _, r := range rooms {
			lengths = append(lengths, r.functions()...)
			lines, tests = lines+r.lines, tests+r.tests
		}
		slices.Sort(lengths)
		if p50, p95 := lengths[len(lengths)/2], lengths[len(lengths)*95/100]; p50 > usualFunction || p95 > longFunction {
			t.Errorf("functions have %d lines in the median and %d at the 95th percentile, want %d and %d at most", p50, p95, usualFunction, longFunction)
		}
		if share := float64(tests) / float64(lines); share < leastTests {
			t.Errorf("%.2f lines of test for a line of code, want %g at least", share, leastTests)
		}
	})
}

// blindLooks are the calls of os.Stat and os.Lstat in functions that ask of the result
// whether there was an error alone: the file goes unnamed, or the error is neither handed on
// nor asked what it is.
func (r *room) blindLooks() (places []token.Position) {
	for _, file := range r.files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || r.asksWhich(f) {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if look, ok := n.(*ast.AssignStmt); ok && r.calls(look.Rhs[0], "os.Stat", "os.Lstat") && r.isBlind(f, look) {
					places = append(places, r.set.Position(look.Pos()))
				}
				return true
			})
		}
	}
	return places
}

// isBlind tells whether a look leaves the file unnamed, or the function only holds its
// error against nil.
func (r *room) isBlind(f *ast.FuncDecl, look *ast.AssignStmt) bool {
	file, err := look.Lhs[0].(*ast.Ident), r.info.ObjectOf(look.Lhs[1].(*ast.Ident))
	uses, comparisons := 0, 0
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if r.info.Uses[n] == err {
				uses++
			}
		case *ast.BinaryExpr:
			if id, ok := n.X.(*ast.Ident); ok && r.info.Uses[id] == err {
				comparisons++
			}
		}
		return true
	})
	return file.Name == "_" || uses == comparisons
}

// asksWhich tells whether a function asks which error it has.
func (r *room) asksWhich(f *ast.FuncDecl) (asks bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			asks = asks || r.calls(e, "errors.Is")
		}
		return true
	})
	return asks
}

// calls tells whether an expression is a call of one of these functions, as "os.Stat".
func (r *room) calls(e ast.Expr, names ...string) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := r.info.Uses[sel.Sel].(*types.Func)
	return ok && slices.Contains(names, f.FullName())
}

// methods counts the methods of each type.
func (r *room) methods() map[string]int {
	count := map[string]int{}
	for _, f := range r.files {
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				count[receiver(f).Name]++
			}
		}
	}
	return count
}

// functions are the lengths of all functions, in lines.
func (r *room) functions() (lengths []int) {
	for _, f := range r.files {
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				lengths = append(lengths, r.set.Position(f.End()).Line-r.set.Position(f.Pos()).Line+1)
			}
		}
	}
	return lengths
}

// undocumented are the exported names that no comment stands before; a method that an
// interface asks for goes by its comment there if its type is not exported.
func (r *room) undocumented() (names []string) {
	for _, f := range r.files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || receiver(d).IsExported()) {
					names = append(names, r.path+"."+d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
							names = append(names, r.path+"."+s.Name.Name)
						}
					case *ast.ValueSpec:
						if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
							names = append(names, r.path+"."+s.Names[0].Name)
						}
					}
				}
			}
		}
	}
	return names
}

// receiver is the type that a method is of.
func receiver(f *ast.FuncDecl) *ast.Ident {
	recv := f.Recv.List[0].Type
	if star, ok := recv.(*ast.StarExpr); ok {
		recv = star.X
	}
	if generic, ok := recv.(*ast.IndexExpr); ok {
		recv = generic.X
	}
	return recv.(*ast.Ident)
}

// arrows are, for each file, the other files of the package that declare what it uses.
func (r *room) arrows() map[string]map[string]bool {
	arrows := map[string]map[string]bool{}
	for name, f := range r.files {
		arrows[name] = map[string]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			if o := r.info.Uses[id]; o != nil && o.Pkg() == r.pkg && o.Pos().IsValid() {
				if to := filepath.Base(r.set.Position(o.Pos()).Filename); to != name && r.files[to] != nil {
					arrows[name][to] = true
				}
			}
			return true
		})
	}
	return arrows
}

// largestCycle is the largest set of files that all reach one another.
func largestCycle(arrows map[string]map[string]bool) (largest []string) {
	reach := map[string]map[string]bool{}
	for from := range arrows {
		seen := map[string]bool{}
		var walk func(string)
		walk = func(at string) {
			for to := range arrows[at] {
				if !seen[to] {
					seen[to] = true
					walk(to)
				}
			}
		}
		walk(from)
		reach[from] = seen
	}
	for from := range reach {
		var cycle []string
		for to := range reach[from] {
			if reach[to][from] {
				cycle = append(cycle, to)
			}
		}
		if len(cycle) > len(largest) {
			largest = slices.Sorted(slices.Values(cycle))
		}
	}
	return largest
}

// arrowsBack are the arrows that run back in an order of the files that has few of them:
// those that no other needs come first, those that need none last, and in a cycle the one
// that needs more than it is needed (Eades, Lin and Smyth 1993).
func arrowsBack(arrows map[string]map[string]bool) (back []string) {
	left := slices.Sorted(maps.Keys(arrows))
	var first, last []string
	for len(left) > 0 {
		at, sink := nextFile(arrows, left)
		if sink {
			last = append(last, left[at])
		} else {
			first = append(first, left[at])
		}
		left = slices.Delete(left, at, at+1)
	}
	slices.Reverse(last)
	order := append(first, last...)
	for i, f := range order {
		for _, g := range order[:i] {
			if arrows[f][g] {
				back = append(back, f+" → "+g)
			}
		}
	}
	return back
}

// nextFile is the file among those left that comes next, or, if it is a sink, last.
func nextFile(arrows map[string]map[string]bool, left []string) (at int, sink bool) {
	best := -1 << 30
	for i, f := range left {
		needs, needed := 0, 0
		for _, g := range left {
			if arrows[f][g] {
				needs++
			}
			if arrows[g][f] {
				needed++
			}
		}
		switch {
		case needs == 0:
			return i, true
		case needed == 0:
			return i, false
		case needs-needed > best:
			best, at = needs-needed, i
		}
	}
	return at, false
}

// linesWith are the lines that use an object that is wanted, each once.
func (r *room) linesWith(wanted func(types.Object) bool) []string {
	lines := map[string]bool{}
	for id, o := range r.info.Uses {
		if wanted(o) {
			at := r.set.Position(id.Pos())
			lines[fmt.Sprintf("%s/%s:%d", r.path, filepath.Base(at.Filename), at.Line)] = true
		}
	}
	return slices.Sorted(maps.Keys(lines))
}

// literals calls f for every string in the code.
func (r *room) literals(f func(at token.Position, text string)) {
	for _, file := range r.files {
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					f(r.set.Position(lit.Pos()), text)
				}
			}
			_, tag := n.(*ast.StructType) // whose strings are tags
			return !tag
		})
	}
}

// literalsOf are the places where a value of a type is written out.
func (r *room) literalsOf(suffix string) (places []token.Position) {
	for _, file := range r.files {
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			name := lit.Type
			if sel, ok := name.(*ast.SelectorExpr); ok {
				name = sel.Sel
			}
			if id, ok := name.(*ast.Ident); ok {
				if o := r.info.Uses[id]; o != nil && strings.HasSuffix(o.Type().String(), suffix) {
					places = append(places, r.set.Position(lit.Pos()))
				}
			}
			return true
		})
	}
	return places
}
