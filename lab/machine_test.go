// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"govdsm/internal/cpio"
)

func TestModuleOrder(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("modules.dep", "kernel/a/top.ko.xz: kernel/b/mid-part.ko.xz kernel/c/base.ko.xz\n"+
		"kernel/b/mid-part.ko.xz: kernel/c/base.ko.xz\nkernel/c/base.ko.xz:\n")
	put("modules.builtin", "kernel/d/inside.ko\n")
	got, err := moduleOrder(kernel{modules: dir}, []string{"mid-part", "inside", "top"})
	want := []string{"kernel/c/base.ko.xz", "kernel/b/mid-part.ko.xz", "kernel/a/top.ko.xz"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if _, err := moduleOrder(kernel{modules: dir}, []string{"nowhere"}); err == nil {
		t.Error("a module that is not there is no error")
	}
}

func TestRecordKeepsTheEnd(t *testing.T) {
	var r record
	for range 3 * logLimit / 1024 {
		_, _ = r.Write(bytes.Repeat([]byte("x"), 1024))
	}
	_, _ = r.Write([]byte("\nlast\n\n"))
	if size := len(r.String()); size > 2*logLimit || size < logLimit {
		t.Errorf("%d bytes are kept", size)
	}
	if got := r.tail(1); got != "  | last" {
		t.Errorf("tail is %q", got)
	}
}

// cable is a test's end of a link.
type cable struct{ net.Conn }

func plugIn(t *testing.T, l *Link) cable {
	t.Helper()
	ours, theirs := net.Pipe()
	ended := make(chan struct{})
	go func() { l.serve(theirs); close(ended) }()
	t.Cleanup(func() { ours.Close(); <-ended })
	return cable{ours}
}

func (c cable) send(t *testing.T, frame []byte) {
	t.Helper()
	if _, err := c.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame...)); err != nil {
		t.Fatal(err)
	}
}

// hears tells which of the frames' payloads come within a while, up to n.
func (c cable) hears(t *testing.T, n int, while time.Duration) []string {
	t.Helper()
	var heard []string
	_ = c.SetReadDeadline(time.Now().Add(while))
	for len(heard) < n {
		head := make([]byte, 4)
		if _, err := io.ReadFull(c, head); err != nil {
			return heard
		}
		frame := make([]byte, binary.BigEndian.Uint32(head))
		if _, err := io.ReadFull(c, frame); err != nil {
			return heard
		}
		heard = append(heard, string(frame[14:]))
	}
	return heard
}

func ethernet(to, from byte, payload string) []byte {
	b := []byte{2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 0x88, 0xb5}
	return append(b, payload...)
}

func TestSwitchLearns(t *testing.T) {
	n := newNetwork()
	links := []*Link{n.attach(), n.attach(), n.attach()}
	a, b, c := plugIn(t, links[0]), plugIn(t, links[1]), plugIn(t, links[2])
	a.send(t, ethernet(2, 1, "flooded"))
	for _, other := range []cable{b, c} {
		if got := other.hears(t, 1, 30*time.Second); !slices.Equal(got, []string{"flooded"}) {
			t.Errorf("heard %q", got)
		}
	}
	b.send(t, ethernet(1, 2, "answer"))
	if got := a.hears(t, 1, 30*time.Second); !slices.Equal(got, []string{"answer"}) {
		t.Errorf("heard %q", got)
	}
	links[1].Drop(1)
	a.send(t, ethernet(2, 1, "lost"))
	links[2].Send(ethernet(3, 9, "from the switch"))
	if got := c.hears(t, 1, 30*time.Second); !slices.Equal(got, []string{"from the switch"}) {
		t.Errorf("heard %q: a frame for a known address went elsewhere", got)
	}
	links[1].Heal()
	a.send(t, ethernet(2, 1, "delivered"))
	if got := b.hears(t, 1, 30*time.Second); !slices.Equal(got, []string{"delivered"}) {
		t.Errorf("heard %q", got)
	}
}

func TestDelayKeepsOrder(t *testing.T) {
	n := newNetwork()
	from, to := n.attach(), n.attach()
	a, b := plugIn(t, from), plugIn(t, to)
	to.Delay(50 * time.Millisecond)
	begin := time.Now()
	a.send(t, ethernet(2, 1, "first"))
	a.send(t, ethernet(2, 1, "second"))
	if got := b.hears(t, 2, 30*time.Second); !slices.Equal(got, []string{"first", "second"}) {
		t.Errorf("heard %q", got)
	}
	if took := time.Since(begin); took < 50*time.Millisecond {
		t.Errorf("the frames took %v", took)
	}
}

// requireLab is for tests of machines themselves.
func requireLab(t *testing.T) *kit {
	t.Helper()
	if !Enabled() {
		t.Skipf("boots hosts: run make lab, or set %s=1", Variable)
	}
	k, err := theKit()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func single(k *kit) *Host {
	h := &Host{Name: "single", kit: k, logs: map[string]*record{}}
	h.Place = Place{host: h}
	return h
}

func TestHostThatDoesNotBoot(t *testing.T) {
	broken := *requireLab(t)
	t.Run("no kernel", func(t *testing.T) {
		broken := broken
		broken.kernel.image = "/etc/passwd"
		err := single(&broken).Boot(t.Context())
		if err == nil || !strings.Contains(err.Error(), "host single") {
			t.Errorf("got %v", err)
		}
		t.Log(err)
	})
	t.Run("no root", func(t *testing.T) {
		broken := broken
		var empty bytes.Buffer
		if err := cpio.NewWriter(&empty).Close(); err != nil {
			t.Fatal(err)
		}
		file, err := inMemory(empty.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		broken.initramfs = file
		err = single(&broken).Boot(t.Context())
		if err == nil || !strings.Contains(err.Error(), "Kernel panic") {
			t.Errorf("got %v", err)
		}
		t.Log(err)
	})
}

func TestBootThatTakesTooLong(t *testing.T) {
	h := single(requireLab(t))
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, errors.New("no patience"))
	defer cancel()
	err := h.Boot(ctx)
	if err == nil || !strings.Contains(err.Error(), "did not boot: no patience") {
		t.Errorf("got %v", err)
	}
	if h.On() {
		t.Error("the host is on")
	}
}

// TestNothingIsLeft kills a process that has booted a host, as hard as can be,
// and sees QEMU die.
func TestNothingIsLeft(t *testing.T) {
	if os.Getenv("GOVDSM_LAB_VICTIM") == "1" {
		h := single(requireLab(t))
		if err := h.Boot(t.Context()); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("PID " + strconv.Itoa(h.machine.process.Pid) + "\n")
		select {} // until killed
	}
	requireLab(t)
	victim := exec.Command(os.Args[0], "-test.run=^TestNothingIsLeft$", "-test.timeout=5m")
	victim.Env = append(os.Environ(), "GOVDSM_LAB_VICTIM=1")
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var pid string
	for buffer := make([]byte, 1024); pid == ""; {
		n, err := out.Read(buffer)
		if err != nil {
			t.Fatalf("the victim did not boot: %v", err)
		}
		if _, rest, ok := strings.Cut(string(buffer[:n]), "PID "); ok {
			pid = strings.Fields(rest)[0]
		}
	}
	if _, err := os.Stat("/proc/" + pid); err != nil {
		t.Fatalf("QEMU %s does not run: %v", pid, err)
	}
	_ = victim.Process.Kill()
	_ = victim.Wait()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		state, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("QEMU %s lives on", pid)
		}
	}
}
