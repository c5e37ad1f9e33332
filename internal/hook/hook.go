// SPDX-License-Identifier: GPL-2.0-or-later

// Package hook runs administrators' scripts.
//
// The scripts of a point are the executable regular files in the folder of its
// name. They run one after the other, sorted by path, and pass a document on in
// one temporary file that each may rewrite. Exit code 0 is good; with 1 the
// script failed and the next one runs; with 2 it failed and no more run; any
// other code counts as 1. This is the contract of lib/vdsm/common/hooks.py, and
// scripts written for it run unchanged.
//
// A script cannot hold the daemon up: it has a deadline, after which its whole
// process group is killed, what it prints is read to the end but kept only in
// part, and children it leaves in the background are not waited for.
//
// Where no script is installed nothing is run and no file is made.
package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"govdsm/api"
)

// DefaultTimeout is the deadline of one script. It is long because a script of
// after_disk_prepare may copy a whole disk; callers that cannot wait give their
// context a deadline.
const DefaultTimeout = 30 * time.Minute

// MaxData is how much of the document is read back, in bytes.
const MaxData = 16 << 20

// Options say where hooks are and how they run.
type Options struct {
	Dir string // /usr/libexec/vdsm/hooks
	// Env is what every script gets, as "name=value"; nil for the daemon's own
	// environment.
	Env []string
	// PythonPath is the folder of the module hooking, which is appended to
	// PYTHONPATH; "" leaves that alone.
	PythonPath string
	Timeout    time.Duration // of one script; 0 for DefaultTimeout
	TempDir    string        // for the documents; "" for the system's
	Log        *slog.Logger  // nil for silence
}

// Runner runs hooks. It may be used by several goroutines at once.
type Runner struct {
	opt    Options
	points map[string]Point
}

// New returns a runner. The folder need not exist.
func New(opt Options) *Runner {
	if opt.Env == nil {
		opt.Env = os.Environ()
	}
	if opt.Timeout <= 0 {
		opt.Timeout = DefaultTimeout
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	r := &Runner{opt: opt, points: make(map[string]Point)}
	for _, p := range Points() {
		r.points[p.Name] = p
	}
	return r
}

// RunXML runs the scripts of an XML point. Vars are added to the environment:
// custom properties by name, and vmId.
//
// When a script fails at a point that aborts, the error has the code HookError
// and the text is nevertheless what the scripts made of it: before_vm_start
// records it even then. At other points the error is always nil unless ctx
// ended.
func (r *Runner) RunXML(ctx context.Context, point, xml string, vars map[string]string) (string, error) {
	p, err := r.point(point, false)
	if err != nil {
		return xml, err
	}
	out, err := r.run(ctx, p, []byte(xml), vars, checkText)
	return string(out), err
}

// RunJSON is RunXML for the points whose document is JSON.
func (r *Runner) RunJSON(ctx context.Context, point string, data []byte, vars map[string]string) ([]byte, error) {
	p, err := r.point(point, true)
	if err != nil {
		return data, err
	}
	return r.run(ctx, p, data, vars, checkJSON)
}

func (r *Runner) point(name string, json bool) (Point, error) {
	p, ok := r.points[name]
	if !ok || p.JSON != json {
		return p, fmt.Errorf("there is no such hook point: %.40q with JSON %v", name, json)
	}
	return p, nil
}

// run passes data through the scripts of p. Check judges the document that
// comes out; one it refuses counts as a failed script.
func (r *Runner) run(ctx context.Context, p Point, data []byte, vars map[string]string, check func([]byte) error) ([]byte, error) {
	scripts, err := r.scripts(p.Name)
	if err != nil {
		r.opt.Log.WarnContext(ctx, "hooks cannot be listed", "point", p.Name, "error", err)
	}
	if len(scripts) == 0 {
		return data, nil
	}
	file, err := r.store(data)
	if err != nil {
		return r.verdict(ctx, p, data, failure{script: p.Name, err: err})
	}
	defer os.Remove(file) //nolint:errcheck // a script may have removed it

	env := r.environment(ctx, p, file, vars)
	failed := r.runScripts(ctx, scripts, env)
	if ctx.Err() != nil {
		return data, context.Cause(ctx)
	}
	out, err := load(file)
	if err == nil {
		err = check(out)
	}
	if err != nil {
		failed, out = failure{script: p.Name, err: fmt.Errorf("document left by the scripts: %w", err)}, data
	}
	return r.verdict(ctx, p, out, failed)
}

// verdict turns a failure into the error that the point calls for.
func (r *Runner) verdict(ctx context.Context, p Point, out []byte, failed failure) ([]byte, error) {
	if failed.err == nil {
		return out, nil
	}
	r.opt.Log.WarnContext(ctx, "hook failed", "point", p.Name, "script", failed.script, "error", failed.err)
	if !p.Aborts {
		return out, nil
	}
	return out, api.ErrHook.Because("(" + bytesRepr(failed.text()) + ",)").
		Caused(fmt.Errorf("%s: %w", failed.script, failed.err))
}

// runScripts returns the last failure.
func (r *Runner) runScripts(ctx context.Context, scripts, env []string) failure {
	var last failure
	for _, script := range scripts {
		res := r.runScript(ctx, script, env)
		if res.err != nil {
			last = res
		}
		if res.code == 2 || ctx.Err() != nil {
			break
		}
	}
	return last
}

// scripts lists the executable regular files of a point, symbolic links
// followed, hidden files left out. A missing folder has none.
func (r *Runner) scripts(point string) ([]string, error) {
	dir := filepath.Join(r.opt.Dir, point)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil, nil
	}
	var list []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		info, statErr := os.Stat(path)
		if strings.HasPrefix(e.Name(), ".") || statErr != nil || !info.Mode().IsRegular() {
			continue
		}
		if unix.Access(path, unix.X_OK) == nil {
			list = append(list, path)
		}
	}
	slices.Sort(list)
	return list, err
}

// environment returns what scripts get. What names the document comes last, so
// that no custom property can point them elsewhere.
func (r *Runner) environment(ctx context.Context, p Point, file string, vars map[string]string) []string {
	env := slices.Clone(r.opt.Env)
	for name, value := range vars {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00") {
			r.opt.Log.WarnContext(ctx, "property cannot be passed to hooks", "name", name)
			continue
		}
		env = append(env, name+"="+value)
	}
	if r.opt.PythonPath != "" {
		env = append(env, "PYTHONPATH="+appendPath(lastValue(env, "PYTHONPATH"), r.opt.PythonPath))
	}
	name := "_hook_domxml"
	if p.JSON {
		name = "_hook_json"
	}
	return append(env, name+"="+file)
}

func lastValue(env []string, name string) string {
	value := ""
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

func appendPath(list, dir string) string {
	if list == "" {
		return dir
	}
	return list + ":" + dir
}

func checkText(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("not UTF-8")
	}
	return nil
}

func checkJSON(data []byte) error {
	var v any
	return json.Unmarshal(data, &v)
}
