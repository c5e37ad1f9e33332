// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/client"
	"govdsm/internal/pki"
	"govdsm/lab"
	"govdsm/lab/fixture"
)

// patience bounds every wait for what must come.
const patience = 2 * time.Minute

// ioTimeout is sanlock's, in seconds. A host that does not reach its leases for
// eight of them has lost them; after another minute, the watchdog's, others may
// take them. The usual ten would only make the suite wait.
const ioTimeout = 3

// configuration of vdsmd: monitoring and time-outs so short that a test sees
// them.
const configuration = `[irs]
sd_health_check_delay = 2
process_pool_timeout = 10
[sanlock]
io_timeout = 3
`

// host is a lab host with our daemons.
type host struct {
	*lab.Host
	id      int    // in lockspaces
	address string // where the suite reaches vdsmd
}

// manager is a manager's connection to a host, for one test.
type manager struct {
	testing.TB
	*host
	c *client.Host
}

// prepare does what a host needs after each boot, up to its daemons. They are
// started again when they end, as systemd does it.
func prepare(t testing.TB, h *lab.Host) {
	t.Helper()
	bin := fixture.Binaries(t, "vdsmd", "supervdsmd", "vdsm-tool")
	h.Requires(t, "mount.nfs", "nft")
	h.Sh(t, "modprobe -a nfsv3 nfsv4; ip link set lo up")
	fixture.Sanlock(t, h)
	fixture.Enrolled(t, h)
	h.Put(t, "/etc/vdsm/vdsm.conf", configuration)
	h.Sh(t, "usermod -aG sanlock vdsm")
	const again = `while :; do "$0"; sleep 1; done`
	h.Start(t, "supervdsmd", "bash", "-c", again, filepath.Join(bin, "supervdsmd"))
	h.Until(t, time.Minute, "test -S /run/vdsm/svdsm.sock")
	h.Start(t, "vdsmd", "bash", "-c", again, filepath.Join(bin, "vdsmd"))
	h.Until(t, time.Minute, "ss -Hltn | grep :54321")
}

// identity is that of the host, with which the suite is its manager.
func (h *host) identity(t testing.TB) *pki.Source {
	t.Helper()
	there, here := pki.At(pki.DefaultDir), pki.At(t.TempDir())
	for from, to := range map[string]string{there.Key: here.Key, there.Cert: here.Cert, there.CA: here.CA} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, []byte(h.Get(t, from)), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	source, err := pki.Open(here, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// manager connects to the host's vdsmd, when that is ready.
func (h *host) manager(t testing.TB) manager {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := client.Dial(ctx, client.Options{Address: h.address, TLS: h.identity(t).Client(), Reconnect: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	m := manager{t, h, c}
	m.until("the host is ready", func() bool {
		_, err := m.try("Host.getConnectedStoragePools", nil)
		return err == nil
	})
	return m
}

// params are those of a call.
type params map[string]any

// with returns parameters with others on top.
func (p params) with(key string, value any) params {
	more := params{key: value}
	for k, v := range p {
		if k != key {
			more[k] = v
		}
	}
	return more
}

// try calls a verb.
func (m manager) try(verb string, p params) (json.RawMessage, error) {
	if p == nil {
		p = params{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience) // also in cleaning
	defer cancel()
	return m.c.Request(client.WithFlow(ctx, m.Name()), verb, p)
}

// call calls a verb, which must succeed.
func (m manager) call(verb string, p params) json.RawMessage {
	m.Helper()
	raw, err := m.try(verb, p)
	if err != nil {
		m.Fatalf("%s on %s: %v", verb, m.host.Name, err)
	}
	return raw
}

// get calls a verb and reads its result.
func (m manager) get(result any, verb string, p params) {
	m.Helper()
	if raw := m.call(verb, p); json.Unmarshal(raw, result) != nil {
		m.Fatalf("%s: %s", verb, raw)
	}
}

// refused calls a verb, which must fail with the code.
func (m manager) refused(want *api.Code, verb string, p params) {
	m.Helper()
	if raw, err := m.try(verb, p); !errors.Is(err, want) {
		m.Errorf("%s on %s: %s, %v; want %v", verb, m.host.Name, raw, err, want)
	}
}

// ended is what became of a task.
type ended struct {
	TaskState, TaskResult, Message string
	Code                           int
}

// finish waits for the end of a task and clears it.
func (m manager) finish(task json.RawMessage) ended {
	m.Helper()
	var id string
	if err := json.Unmarshal(task, &id); err != nil {
		m.Fatalf("a task: %s", task)
	}
	var s ended
	m.until("the end of a task", func() bool {
		m.get(&s, "Task.getStatus", params{"taskID": id})
		return s.TaskState == "finished"
	})
	m.call("Task.clear", params{"taskID": id})
	return s
}

// do runs a verb that makes a task, which must end well.
func (m manager) do(verb string, p params) {
	m.Helper()
	if s := m.finish(m.call(verb, p)); s.TaskResult != "success" {
		m.Fatalf("%s on %s: %+v", verb, m.host.Name, s)
	}
}

// until waits until something is true.
func (m manager) until(what string, is func() bool) {
	m.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			m.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// check has vdsm-tool verify a domain of the host.
func (m manager) check(domain string) {
	m.Helper()
	tool := filepath.Join(fixture.Binaries(m, "vdsm-tool"), "vdsm-tool")
	r := m.host.Try(m, lab.Command{Args: []string{tool, "storage", "check", domain}})
	if r.Code != 0 {
		m.Errorf("storage check: exit code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	m.Log(fmt.Sprint(r.Stdout))
}
