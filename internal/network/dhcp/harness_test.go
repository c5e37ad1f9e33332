// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"govdsm/lab"
)

// site is a network with one client and one server: the client's card is eth0,
// whose cable ends in the server's room, a namespace of its own, as peer0.
type site struct {
	t    *testing.T
	dir  string
	room string // pid of a process in the server's room

	foreign func(context.Context, string) (bool, error)
}

// onSite runs the body in an empty network.
func onSite(t *testing.T, body func(s *site)) {
	t.Helper()
	lab.Needs(t, lab.Bridge, lab.Veth).Run(func(t *testing.T) {
		s := &site{t: t, dir: t.TempDir()}
		// Should the test binary be killed, or panic, what it started goes too:
		// when the thread that did so ends.
		runtime.LockOSThread()
		keeper := exec.CommandContext(t.Context(), "unshare", "--net", "sleep", "3600")
		keeper.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := keeper.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = keeper.Process.Kill(); _ = keeper.Wait() })
		s.room = strconv.Itoa(keeper.Process.Pid)
		own, err := os.Readlink("/proc/self/ns/net")
		if err != nil {
			t.Fatal(err)
		}
		s.until("the server's room", func() bool {
			there, err := os.Readlink("/proc/" + s.room + "/ns/net")
			return err == nil && there != own
		})
		s.ip(`link add eth0 address 52:54:00:00:00:10 type veth peer name peer0
			link set peer0 netns ` + s.room + `
			link set eth0 up`)
		s.inRoom("ip", "link", "set", "peer0", "up")
		s.inRoom("ip", "addr", "add", "192.0.2.1/24", "dev", "peer0")
		s.inRoom("ip", "addr", "add", "2001:db8::1/64", "dev", "peer0", "nodad")
		s.write("resolv.conf", "search example.org\nnameserver 203.0.113.53\n")
		body(s)
	})
}

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) read(name string) string {
	b, _ := os.ReadFile(filepath.Join(s.dir, name))
	return string(b)
}

func (s *site) ip(lines string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(lines)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("ip: %v\n%s", err, out)
	}
}

// inRoom runs a program beside the server.
func (s *site) inRoom(args ...string) {
	s.t.Helper()
	out, err := exec.CommandContext(s.t.Context(), "nsenter", append([]string{"-t", s.room, "-n"}, args...)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// dnsmasq starts a server for both families. It hands out 192.0.2.50 and up,
// and forgets nothing when it is started again, unless told to.
func (s *site) dnsmasq(more ...string) (stop func()) {
	s.t.Helper()
	args := append([]string{
		"-t", s.room, "-n", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--port=0", "--user=root", "--group=root",
		"--interface=peer0", "--bind-interfaces", "--no-ping", "--log-dhcp", "--log-facility=" + filepath.Join(s.dir, "dnsmasq.log"),
		"--dhcp-leasefile=" + filepath.Join(s.dir, "leases"),
		"--dhcp-option=option:router,192.0.2.1", "--dhcp-option=option:dns-server,192.0.2.53,192.0.2.54",
		"--dhcp-option=option6:dns-server,[2001:db8::53]",
	}, more...)
	if len(more) == 0 {
		args = append(args, "--dhcp-range=192.0.2.50,192.0.2.60,255.255.255.0,2m", "--dhcp-range=2001:db8::50,2001:db8::60,64,2m", "--enable-ra")
	}
	cmd := exec.CommandContext(s.t.Context(), "nsenter", args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stdout, cmd.Stderr = s.t.Output(), s.t.Output()
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	s.t.Cleanup(stop)
	return stop
}

// clients are started clients.
type clients struct {
	*Clients
	stop func()
}

// hurried is the pace of tests.
func hurried() pace {
	return pace{
		first: 300 * time.Millisecond, most: time.Second, answers: 2 * time.Second,
		confirm: 2 * time.Second, refused: 200 * time.Millisecond, least: 200 * time.Millisecond,
	}
}

func (s *site) start(specs ...Spec) *clients {
	s.t.Helper()
	c := &clients{Clients: New(Options{
		Dir: filepath.Join(s.dir, "dhcp"), ResolvConf: filepath.Join(s.dir, "resolv.conf"),
		Log: slog.New(slog.NewTextHandler(s.t.Output(), nil)), pace: hurried(),
		Foreign: s.foreign,
	})}
	ctx, cancel := context.WithCancel(s.t.Context())
	c.Start(ctx, specs)
	c.stop = func() { cancel(); c.Wait() }
	s.t.Cleanup(c.stop)
	return c
}

// change goes from the present clients to others, and keeps that.
func (c *clients) change(ctx context.Context, links func(), next ...Spec) {
	ch := c.Begin(next)
	links()
	ch.Switch(ctx)
	ch.Keep(ctx)
}

// blue is a client that takes everything into the main table.
func blue(device string, f Family) Spec {
	return Spec{Key: Key{device, f}, AutoDNS: true, AutoGateway: true, AutoRoutes: true, Table: 254, Base: "eth0"}
}

// net shows addresses, routes and rules without what changes by itself.
func (s *site) net() string {
	s.t.Helper()
	out, err := exec.CommandContext(s.t.Context(), "sh", "-c",
		`ip -br -4 addr; ip -br -6 addr show scope global; ip -4 route show table all type unicast; ip rule`).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// until waits for a condition.
func (s *site) until(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(60 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("waited for %s in vain; dnsmasq said:\n%s", what, s.read("dnsmasq.log"))
		}
	}
}

// shows waits until the network shows all texts.
func (s *site) shows(texts ...string) {
	s.t.Helper()
	s.until(fmt.Sprintf("%q", texts), func() bool { return s.lacks(texts) == "" })
}

func (s *site) lacks(texts []string) string {
	now := s.net()
	for _, text := range texts {
		if !strings.Contains(now, text) {
			return text
		}
	}
	return ""
}

// hides waits until the network shows none of the texts.
func (s *site) hides(texts ...string) {
	s.t.Helper()
	s.until(fmt.Sprintf("no %q", texts), func() bool {
		now := s.net()
		for _, text := range texts {
			if strings.Contains(now, text) {
				return false
			}
		}
		return true
	})
}
