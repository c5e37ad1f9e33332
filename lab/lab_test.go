// SPDX-License-Identifier: GPL-2.0-or-later

package lab_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govdsm/lab"
)

// TestLab proves on one pair of hosts what the package promises.
func TestLab(t *testing.T) {
	l := lab.Start(t,
		lab.Spec{Name: "one", Disks: []lab.Disk{{Name: "small", Size: 64 << 20}, {Name: "large", Size: 1 << 30, Block: 4096}}},
		lab.Spec{Name: "two", NICs: []string{"lan", "other"}})
	one, two := l.Host("one"), l.Host("two")
	t.Run("commands", func(t *testing.T) { commands(t, one) })
	t.Run("clean places", func(t *testing.T) { cleanPlaces(t, one) })
	t.Run("files", func(t *testing.T) { files(t, one) })
	t.Run("disks", func(t *testing.T) { disks(t, one) })
	t.Run("links", func(t *testing.T) { links(t, one, two) })
	t.Run("daemons", func(t *testing.T) { daemons(t, one) })
	t.Run("time limit", func(t *testing.T) { timeLimit(t, one) })
	t.Run("freeze", func(t *testing.T) { freeze(t, one, two) })
	t.Run("a test of this binary", func(t *testing.T) { one.GoTest(t, "TestInside") })
	t.Run("panic and restart", func(t *testing.T) { panics(t, one, two) })
}

func commands(t *testing.T, h *lab.Host) {
	var streamed strings.Builder
	r := h.Try(t, lab.Command{
		Args: []string{"sh", "-c", `cat; echo "$WHO in $PWD"; echo bad >&2; exit 3`},
		Env:  []string{"WHO=root"}, Dir: "/usr", Stdin: strings.NewReader("typed\n"), Stdout: &streamed,
	})
	if r.Code != 3 || r.Stdout != "typed\nroot in /usr\n" || r.Stderr != "bad\n" || streamed.String() != r.Stdout {
		t.Errorf("got %+v, streamed %q", r, streamed.String())
	}
	if r.Lasted <= 0 {
		t.Errorf("it lasted %v", r.Lasted)
	}
	open, _ := io.Pipe() // input that never ends does not keep a program from ending
	if r := h.Try(t, lab.Command{Args: []string{"sh", "-c", "exit 4"}, Stdin: open}); r.Code != 4 {
		t.Errorf("code %d", r.Code)
	}
	if r := h.Try(t, lab.Command{Args: []string{"sh", "-c", "kill -9 $$"}}); r.Code != 128+9 {
		t.Errorf("a killed program has code %d", r.Code)
	}
	if _, err := h.Do(t.Context(), lab.Command{Args: []string{"no-such-program"}}); err == nil {
		t.Error("a program that is not there is no error")
	}
	if got := h.Run(t, "hostname"); got != "one" {
		t.Errorf("host name %q", got)
	}
}

func cleanPlaces(t *testing.T, h *lab.Host) {
	t.Run("first", func(t *testing.T) {
		p := h.Clean(t)
		p.Sh(t, "ip link add br0 type bridge; sleep 1000 & touch /etc/mine")
		p.Put(t, "/run/note", "here")
		if got := p.Sh(t, "cat /run/note; ls /sys/class/net"); got != "herebr0\nlo" {
			t.Errorf("the clean place has %q", got)
		}
	})
	if r := h.Try(t, lab.Command{Args: []string{"sh", "-c", "ls /etc/mine /run/note /sys/class/net/br0; pgrep -x sleep"}}); r.Stdout != "" {
		t.Errorf("something of the clean place is left: %s", r.Stdout)
	}
}

func files(t *testing.T, h *lab.Host) {
	content := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	h.Put(t, "/var/tmp/deep/file", content)
	if h.Get(t, "/var/tmp/deep/file") != content {
		t.Error("the file came back changed")
	}
	in, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(filepath.Join(in, "a"), []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.CopyIn(t, in, "/var/tmp/tree")
	h.Sh(t, "echo b >/var/tmp/tree/b")
	h.CopyOut(t, "/var/tmp/tree", out)
	for name, want := range map[string]string{"a": "a", "b": "b\n"} {
		if got, err := os.ReadFile(filepath.Join(out, name)); err != nil || string(got) != want {
			t.Errorf("%s came back as %q, %v", name, got, err)
		}
	}
	if _, err := os.Stat("/var/tmp/tree"); err == nil {
		t.Error("what a host writes is on the machine")
	}
}

func disks(t *testing.T, h *lab.Host) {
	for name, want := range map[string]string{"small": "512 67108864", "large": "4096 1073741824"} {
		if got := h.Sh(t, "echo $(blockdev --getss --getsize64 "+h.Disk(name)+")"); got != want {
			t.Errorf("disk %s is %s, want %s", name, got, want)
		}
	}
}

func links(t *testing.T, one, two *lab.Host) {
	const ping = "ping -c1 -W1 two"
	link := one.Link(0)
	one.Until(t, 30*time.Second, ping)

	must(t, link.Unplug())
	one.Until(t, 30*time.Second, "! ip link show eth0 | grep LOWER_UP && ! "+ping)
	must(t, link.Plug())
	one.Until(t, 30*time.Second, ping)

	link.Cut()
	one.Sh(t, "ip link show eth0 | grep LOWER_UP && ! "+ping)
	link.Heal()
	one.Until(t, 30*time.Second, ping)

	link.Delay(100 * time.Millisecond)
	t.Cleanup(link.Heal)
	said := one.Run(t, "ping", "-c3", "-W10", "two")
	link.Heal()
	if !strings.Contains(said, " 0% packet loss") || !strings.Contains(said, "rtt min/avg/max/mdev = 2") {
		t.Errorf("100 ms each way should make 200 ms and some:\n%s", said)
	}
	two.Sh(t, "ip link set eth1 up; ! ping -c1 -W1 -I eth1 "+one.Address)
}

func daemons(t *testing.T, h *lab.Host) {
	d := h.Start(t, "sleeper", "sh", "-c", "echo started; sleep 1000 & setsid sleep 1001 & wait")
	h.Until(t, 30*time.Second, "pgrep -fx 'sleep 1001'")
	if d.Output() != "started\n" {
		t.Errorf("output %q", d.Output())
	}
	d.Kill()
	if r := h.Try(t, lab.Command{Args: []string{"pgrep", "-x", "sleep"}}); r.Code == 0 {
		t.Error("what the daemon has started lives on")
	}
}

func timeLimit(t *testing.T, h *lab.Host) {
	r, err := h.Do(t.Context(), lab.Command{Args: []string{"sh", "-c", "echo begun; sleep 1002"}, Limit: 2 * time.Second})
	if err == nil || !strings.Contains(err.Error(), "did not end within 2s") || r.Stdout != "begun\n" {
		t.Errorf("got %+v, %v", r, err)
	}
	h.Until(t, 30*time.Second, "! pgrep -fx 'sleep 1002'")
}

func freeze(t *testing.T, one, two *lab.Host) {
	must(t, one.Freeze())
	two.Sh(t, "! ping -c1 -W1 one")
	must(t, one.Thaw())
	two.Until(t, 30*time.Second, "ping -c1 -W1 one")
}

func panics(t *testing.T, one, two *lab.Host) {
	one.Sh(t, "echo kept >"+one.Disk("small")+"; sync")
	_, err := one.Do(t.Context(), lab.Command{Args: []string{"sh", "-c", "echo c >/proc/sysrq-trigger"}})
	if err == nil || !strings.Contains(err.Error(), "sysrq triggered crash") {
		t.Errorf("the panic is told as %v", err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Minute, errors.New("two minutes are enough"))
	defer cancel()
	must(t, one.WaitOff(ctx))
	must(t, one.Boot(t.Context()))
	if got := one.Run(t, "head", "-c", "5", one.Disk("small")); got != "kept" {
		t.Errorf("the disk has %q", got)
	}
	two.Until(t, 30*time.Second, "ping -c1 -W1 one")
	must(t, one.Shutdown(ctx))
	if one.On() {
		t.Error("the host is on after its shutdown")
	}
}

// TestInside is run in a host, by TestLab.
func TestInside(t *testing.T) {
	if !lab.Inside() {
		t.Skip("runs in a host only")
	}
	if name, err := os.Hostname(); name != "one" {
		t.Errorf("this is %q, %v", name, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
