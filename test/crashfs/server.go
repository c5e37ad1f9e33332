// SPDX-License-Identifier: GPL-2.0-or-later

package crashfs

import (
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
)

const serverName = "crashfs"

// ServeIfServer makes the process a server if it was started as one, and then
// does not return. TestMain calls it first.
func ServeIfServer() {
	if len(os.Args) == 0 || os.Args[0] != serverName {
		return
	}
	s := rpc.NewServer()
	d := &Disks{disks: make(map[int]*disk), mounts: make(map[int]func() error)}
	if err := s.RegisterName(serverName, d); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s.ServeConn(pipes{os.Stdin, os.Stdout})
	for _, unmount := range d.mounts {
		_ = unmount() // the test has ended without
	}
	os.Exit(0)
}

type pipes struct {
	io.Reader
	io.WriteCloser
}

// Disks is the server's end of the calls.
type Disks struct {
	mu     sync.Mutex
	last   int
	disks  map[int]*disk
	kept   []moment
	mounts map[int]func() error
}

// Args are those of all calls.
type Args struct {
	Disk  int
	Point int
	How   How
	Dir   string
	Plan  Plan
}

// New makes a disk: empty, or what was there at a point.
func (d *Disks) New(a Args, id *int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var t tree
	if a.How != "" {
		var ok bool
		if t, ok = d.kept[a.Point].images[a.How]; !ok {
			return fmt.Errorf("point %d has no image %s", a.Point, a.How)
		}
	}
	d.last++
	d.disks[d.last] = newDisk(t)
	*id = d.last
	return nil
}

func (d *Disks) disk(id int) *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.disks[id]
}

// Mount mounts a disk.
func (d *Disks) Mount(a Args, _ *int) error {
	unmount, err := d.disk(a.Disk).mount(a.Dir)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mounts[a.Disk] = unmount
	return err
}

// Unmount unmounts a disk and forgets it.
func (d *Disks) Unmount(a Args, _ *int) error {
	d.mu.Lock()
	unmount := d.mounts[a.Disk]
	delete(d.mounts, a.Disk)
	delete(d.disks, a.Disk)
	d.mu.Unlock()
	return unmount()
}

// Plan has steps of a disk fail.
func (d *Disks) Plan(a Args, _ *int) error {
	f := d.disk(a.Disk)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan = a.Plan
	return nil
}

// Steps counts the steps of a disk.
func (d *Disks) Steps(a Args, steps *int) error {
	f := d.disk(a.Disk)
	f.mu.Lock()
	defer f.mu.Unlock()
	*steps = f.steps
	return nil
}

// Record has everything on a disk flushed and begins to keep its points.
func (d *Disks) Record(a Args, _ *int) error {
	f := d.disk(a.Disk)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settle()
	f.recording = true
	return nil
}

// Points ends a recording and returns its points.
func (d *Disks) Points(a Args, points *[]Point) error {
	f := d.disk(a.Disk)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.point(Step{N: f.steps})
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range f.points {
		p := Point{Steps: m.steps, Next: m.next, Index: len(d.kept)}
		_, p.Half = m.images[Half]
		*points = append(*points, p)
		d.kept = append(d.kept, m)
	}
	f.recording, f.points = false, nil
	return nil
}

// Server is the process that serves the disks of a test.
type Server struct {
	rpc *rpc.Client
	cmd *exec.Cmd
}

// Start starts it until the test ends. A machine without FUSE skips the test.
func Start(t testing.TB) *Server {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		t.Skip("no FUSE here: ", err)
	}
	s := &Server{cmd: exec.Command("/proc/self/exe")}
	s.cmd.Args = []string{serverName}
	s.cmd.Stderr = os.Stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := s.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.rpc = rpc.NewClient(pipes{out, in})
	t.Cleanup(func() {
		if err := errors.Join(s.rpc.Close(), s.cmd.Wait()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *Server) call(t testing.TB, name string, a Args, answer any) {
	t.Helper()
	if err := s.rpc.Call(serverName+"."+name, a, answer); err != nil {
		if strings.Contains(err.Error(), "FUSE cannot be mounted here") {
			t.Skip("FUSE cannot be mounted here: ", err)
		}
		t.Fatalf("crashfs: %s: %v", name, err)
	}
}

// Point is a moment between two steps, or within one.
type Point struct {
	Index int  // in the server
	Steps int  // that were made
	Next  Step // the one that did not come, or not wholly
	Half  bool // whether there is an image Half
}

// New returns an empty disk.
func (s *Server) New(t testing.TB) *FS {
	t.Helper()
	f := &FS{s: s}
	s.call(t, "New", Args{}, &f.id)
	return f
}

// At returns a disk with what there was at a point.
func (s *Server) At(t testing.TB, p Point, h How) *FS {
	t.Helper()
	f := &FS{s: s}
	s.call(t, "New", Args{Point: p.Index, How: h}, &f.id)
	return f
}

// FS is a disk as tests have it.
type FS struct {
	s  *Server
	id int
}

// Mount mounts the disk until the test ends, or until the function that is
// returned is called: then the disk is forgotten.
func (f *FS) Mount(t testing.TB, dir string) (unmount func()) {
	t.Helper()
	f.s.call(t, "Mount", Args{Disk: f.id, Dir: dir}, new(int))
	var once sync.Once
	unmount = func() {
		once.Do(func() { f.s.call(t, "Unmount", Args{Disk: f.id}, new(int)) })
	}
	t.Cleanup(unmount)
	return unmount
}

// Plan has steps fail from now on.
func (f *FS) Plan(t testing.TB, p Plan) {
	t.Helper()
	f.s.call(t, "Plan", Args{Disk: f.id, Plan: p}, new(int))
}

// Steps returns how many steps were made.
func (f *FS) Steps(t testing.TB) (n int) {
	t.Helper()
	f.s.call(t, "Steps", Args{Disk: f.id}, &n)
	return n
}

// Record flushes everything, and keeps a point before each step that follows.
func (f *FS) Record(t testing.TB) {
	t.Helper()
	f.s.call(t, "Record", Args{Disk: f.id}, new(int))
}

// Points ends the recording and returns its points, in their order: one before
// each step, and one after the last.
func (f *FS) Points(t testing.TB) (points []Point) {
	t.Helper()
	f.s.call(t, "Points", Args{Disk: f.id}, &points)
	return points
}
