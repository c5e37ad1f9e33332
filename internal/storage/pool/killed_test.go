// SPDX-License-Identifier: GPL-2.0-or-later

package pool_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/pool"
	"govdsm/internal/storage/task"
)

const childVariable = "GOVDSM_TEST_POOL_MANAGER"

// child is a test that goes on when its process is told to: failing is ending.
type child struct {
	testing.TB
	dir string
}

func (c *child) Helper()                  {}
func (c *child) Context() context.Context { return context.Background() }
func (c *child) Cleanup(func())           {}
func (c *child) TempDir() string          { return c.dir }
func (c *child) Fatal(args ...any) {
	fmt.Println(append([]any{"fatal:"}, args...)...)
	os.Exit(3)
}
func (c *child) Fatalf(format string, args ...any) { c.Fatal(fmt.Sprintf(format, args...)) }
func (c *child) Errorf(format string, args ...any) { c.Fatal(fmt.Sprintf(format, args...)) }

// manageIfChild makes this process a manager that works until it is killed.
func manageIfChild() {
	text := os.Getenv(childVariable)
	if text == "" {
		return
	}
	parts := strings.Split(text, "|") // disk, own folder, pool, master, other
	t := &child{dir: parts[1]}
	n := disk{parts[0]}.newNode(t, nil)
	undoWith(n)
	id, master, other := parts[2], parts[3], parts[4]
	ctx := context.Background()
	must(t, n.Connect(ctx, id, 1, master, 1, pool.Members{master: "active"}))
	fmt.Println("connected")
	for i := 0; ; i++ {
		n.start(t, id)
		must(t, n.Attach(ctx, id, other))
		must(t, n.Activate(ctx, id, other))
		for k := range 3 {
			file := filepath.Join(parts[0], fmt.Sprintf("made-%d-%d-%s", i, k, time.Now().Format("150405.000000")))
			created, err := n.Schedule(ctx, id, "createVolume", nil, func(ctx context.Context, t *task.Task) error {
				if err := t.Rollback(ctx, task.Recovery{Name: "made", Module: "fileVolume", Object: "FileVolume", Function: "createVolumeRollback", Params: []string{file}}); err != nil {
					return err
				}
				return os.WriteFile(file, nil, 0o600)
			})
			if s := n.done(t, created, err); s.TaskResult != "success" {
				t.Fatal(s)
			}
		}
		must(t, n.Deactivate(ctx, id, other, pool.Blank, 0))
		must(t, n.Detach(ctx, id, other))
		must(t, n.StopSPM(ctx, id))
	}
}

// undoWith registers what undoes the task of the child.
func undoWith(n *node) {
	n.tasks.Register("fileVolume", "FileVolume", "createVolumeRollback", func(_ context.Context, params []string) error {
		if err := os.Remove(params[0]); err != nil && !os.IsNotExist(err) {
			return err
		}
		return nil
	})
}

// A manager is killed somewhere in its work, again and again. The next one
// always finds a pool that can be connected and managed; tasks have finished or
// are undone; and what was interrupted can be done again.
func TestManagerKilled(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 2)
	first := d.newNode(t, nil)
	master, other := first.create(t, "a", domainmd.Data), first.create(t, "b", domainmd.Data)
	id := first.manage(t, master)
	must(t, first.StopSPM(t.Context(), id))
	must(t, first.Disconnect(t.Context(), id))
	first.close()
	undone, finished := 0, 0
	for i := range 25 {
		workAndDie(t, d, id, master, other)
		n := d.newNode(t, nil)
		undoWith(n)
		ctx := t.Context()
		must(t, n.Connect(ctx, id, 2, master, 1, pool.Members{master: "active"}))
		n.start(t, id)
		made := make(map[string]bool)
		for _, tk := range n.tasks.Tasks(task.SPM) {
			s := n.done(t, tk.ID(), nil)
			switch s.TaskResult {
			case "success":
				finished++
				for _, r := range tk.Record().Recoveries {
					made[r.Params[0]] = true
				}
			case "cleanSuccess":
				undone++
			default:
				t.Errorf("round %d: %+v", i, s)
			}
			must(t, n.tasks.Clear(ctx, tk.ID()))
		}
		files, err := filepath.Glob(filepath.Join(d.top, "made-*"))
		must(t, err)
		for _, f := range files {
			if !made[f] {
				t.Errorf("round %d: %s stays without a task that has made it", i, f)
			}
			delete(made, f)
			must(t, os.Remove(f))
		}
		if len(made) > 0 {
			t.Errorf("round %d: tasks have finished without %v", i, made)
		}
		must(t, n.Attach(ctx, id, other))
		must(t, n.Activate(ctx, id, other))
		must(t, n.Deactivate(ctx, id, other, pool.Blank, 0))
		must(t, n.Detach(ctx, id, other))
		if k := n.known(t, other); len(k.Pools) > 0 || k.Role != domainmd.Regular {
			t.Errorf("round %d: %+v", i, k)
		}
		must(t, n.StopSPM(ctx, id))
		n.close()
		if left, err := os.ReadDir(filepath.Join(d.top, "a", master, "master/tasks")); err != nil || len(left) > 0 {
			t.Errorf("round %d: left of tasks: %v, %v", i, left, err)
		}
	}
	t.Logf("%d tasks were undone, %d had finished", undone, finished)
}

// workAndDie runs a manager and kills it.
func workAndDie(t *testing.T, d disk, id, master, other string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+strings.Join([]string{d.top, t.TempDir(), id, master, other}, "|"))
	out, err := cmd.StdoutPipe()
	must(t, err)
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "connected" {
		t.Errorf("the manager says %q", lines.Text())
	}
	time.Sleep(time.Duration(rand.N(150)) * time.Millisecond) // any point is good
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	for lines.Scan() {
		t.Error(lines.Text())
	}
	cmd.Wait() // it was killed
}
