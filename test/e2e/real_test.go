// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"govdsm/client"
	"govdsm/internal/pki"
	"govdsm/test/hosttest"
)

// realHost is vdsmd as an operator runs it, without a sandbox, where /etc,
// /var and /run are the test's own. Its libvirt is that of a sandbox.
type realHost struct {
	dir  string
	port int
	cmd  *exec.Cmd
	exit chan error
	err  *bytes.Buffer
	pki  pki.Files
}

// stage makes the machine's folders private, then becomes the program. Only
// what is written here is seen by nobody else: all of it is below $D.
const stage = `set -e
mount --make-rprivate /
mount -t tmpfs stage "$D"
for d in etc var; do
	mkdir "$D/$d" "$D/$d.work"
	mount -t overlay overlay -o "lowerdir=/$d,upperdir=$D/$d,workdir=$D/$d.work" "/$d"
done
mkdir -p /etc/vdsm /etc/pki
mount -t tmpfs run /run
mkdir -p /run/libvirt /run/vdsm
mount --bind "$LIBVIRT" /run/libvirt
cp -r "$PKI" /etc/pki/vdsm
chmod -R a+rX /etc/pki/vdsm
printf '%s' "$CONFIG" >/etc/vdsm/vdsm.conf
echo 33333333-3333-3333-3333-333333333333 >/etc/vdsm/vdsm.id
exec "$@"
`

func startReal(t *testing.T, h *hosttest.Host, user string) *realHost {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a mount namespace")
	}
	r := &realHost{dir: t.TempDir(), port: freePort(t), exit: make(chan error, 1), err: &bytes.Buffer{}}
	authority, err := pki.EnsureAuthority(filepath.Join(t.TempDir(), "ca"))
	if err != nil {
		t.Fatal(err)
	}
	identity := t.TempDir()
	if r.pki, err = authority.Ensure(identity, pki.Subject{CommonName: "host", Names: []string{"127.0.0.1"}}); err != nil {
		t.Fatal(err)
	}
	vdsmd := h.Program(context.Background(), "vdsmd").Path
	r.cmd = exec.Command("unshare", "--mount", "sh", "-c", stage, "sh", vdsmd, "--user", user)
	r.cmd.Env = append(os.Environ(), "D="+r.dir, "PKI="+identity, "LIBVIRT="+filepath.Join(h.Dir, "run", "libvirt"),
		fmt.Sprintf("CONFIG=[addresses]\nmanagement_ip = 127.0.0.1\nmanagement_port = %d\n", r.port))
	r.cmd.Stderr = r.err
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.exit <- r.cmd.Wait() }()
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill() // usually it has ended
		if t.Failed() {
			t.Logf("standard error: %s", r.err)
		}
	})
	return r
}

// freePort returns a port that is free, from below those that the kernel gives
// to whoever asks for any: it will be free a moment later, too.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 10_000 + rand.IntN(20_000)
		if listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			listener.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// dial waits until the port is open.
func (r *realHost) dial(t *testing.T) *client.Host {
	t.Helper()
	var c *client.Host
	hosttest.Until(t, "the port", func() error {
		select {
		case err := <-r.exit:
			t.Fatalf("vdsmd ended with %v: %s", err, r.err)
		default:
		}
		source, err := pki.Open(r.pki, discard)
		if err != nil {
			return err
		}
		c, err = client.Dial(t.Context(), client.Options{Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)), TLS: source.Client()})
		return err
	})
	t.Cleanup(func() { c.Close() })
	return c
}

func (r *realHost) stop(t *testing.T) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-r.exit; err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
}

// A daemon without a sandbox reads /etc/vdsm, and leaves VMs running when it
// stops.
func TestRealHost(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	h.Kill() // only its libvirt is wanted
	r := startReal(t, h, "root")
	c := r.dial(t)
	hosttest.Until(t, "readiness", func() error {
		_, err := c.Request(t.Context(), "Host.ping2", map[string]any{})
		return err
	})
	v := h.Tiny(t)
	hosttest.CreateUp(t, c, v)
	var caps map[string]json.RawMessage
	if err := c.Invoke(t.Context(), "Host.getCapabilities", map[string]any{}, &caps); err != nil || string(caps["uuid"]) != `"33333333-3333-3333-3333-333333333333"` {
		t.Errorf("the host's id is %s, %v", caps["uuid"], err)
	}
	r.stop(t)
	if h.QEMU(v.ID) == 0 {
		t.Error("the VM ended with the daemon")
	}
	if !strings.Contains(r.err.String(), "warning: running as root") {
		t.Errorf("standard error: %s", r.err)
	}
}

// A daemon that was started by root becomes another user. This one may not
// open libvirt's socket: it is there, not ready, and every call is answered
// with code 99.
func TestAnotherUserAndRecovery(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	h.Kill()
	r := startReal(t, h, "nobody")
	c := r.dial(t)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil || !strings.Contains(string(status), "Uid:\t65534\t65534\t65534\t65534") ||
		!strings.Contains(string(status), "Gid:\t65534\t65534\t65534\t65534") {
		t.Errorf("the process is %s, %v", status, err)
	}
	for _, verb := range []string{"Host.ping", "Host.ping2", "Host.getVMList", "VM.getStats", "Host.noSuchVerb"} {
		_, err := c.Request(t.Context(), verb, map[string]any{})
		wantCode(t, verb, err, 99)
	}
	r.stop(t)
}

func TestNoSuchUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can change users")
	}
	h := hosttest.New(t)
	out, err := h.Program(t.Context(), "vdsmd", "--user", "no-such-user").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(string(out), "no-such-user") {
		t.Errorf("%v: %s", err, out)
	}
}
