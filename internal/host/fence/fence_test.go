// SPDX-License-Identifier: GPL-2.0-or-later

package fence_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/host/fence"
	"govdsm/internal/host/hosttest"
)

const password = "correct horse"

// agent writes an agent and returns a fencer that finds it, its folder and
// what is logged.
func agent(t *testing.T, body string, o fence.Options) (*fence.Fencer, string, *bytes.Buffer) {
	t.Helper()
	o.Folder = t.TempDir()
	if body != "" {
		hosttest.Script(t, filepath.Join(o.Folder, "fence_fake"), body)
	}
	log := new(bytes.Buffer)
	o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return fence.New(o), o.Folder, log
}

func params(action string) *api.HostFenceNodeParams {
	return &api.HostFenceNodeParams{
		Addr: "192.0.2.1", Port: "623", Agent: "fake", Username: "admin", Password: password,
		Action: api.FenceNodeAction(action),
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	const says = "echo out; echo err >&2; exit "
	for _, c := range []struct {
		action    string
		exit      int
		power     string
		operation string
		code      int // of the error, 0 for none
	}{
		{"status", 0, "on", "", 0},
		{"status", 2, "off", "", 0},
		{"status", 1, "", "", 1},
		{"status", 3, "", "", 1},
		{"status", 127, "", "", 1},
		{"on", 0, "unknown", "initiated", 0},
		{"off", 0, "unknown", "initiated", 0},
		{"reboot", 1, "", "", 1},
		{"reboot", 2, "", "", 2},
		{"reboot", 9, "", "", 1},
	} {
		f, _, _ := agent(t, says+strconv.Itoa(c.exit), fence.Options{})
		got, err := f.Node(t.Context(), params(c.action))
		if string(got.Power) != c.power || string(got.OperationStatus) != c.operation {
			t.Errorf("%s, exit %d: %+v", c.action, c.exit, got)
		}
		failure, _ := errors.AsType[*api.Code](err)
		switch {
		case c.code == 0 && err != nil:
			t.Errorf("%s, exit %d: %v", c.action, c.exit, err)
		case c.code != 0 && (failure == nil || failure.Number != c.code || failure.Message != "out\nerr\n"):
			t.Errorf("%s, exit %d: %#v", c.action, c.exit, err)
		}
	}
}

func TestInput(t *testing.T) {
	t.Parallel()
	f, folder, _ := agent(t, `cat >"$0.in"`, fence.Options{})
	p := params("reboot")
	p.Secure, p.Options = true, "ssl_insecure=1\nlanplus=on"
	if _, err := f.Node(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(folder, "fence_fake.in"))
	want := "agent=fence_fake\nipaddr=192.0.2.1\nlogin=admin\naction=reboot\npasswd=" + password +
		"\nport=623\nsecure=yes\nssl_insecure=1\nlanplus=on"
	if err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestNoSuchAgent(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(t.TempDir(), "fence_evil")
	hosttest.Script(t, outside, "touch "+outside+".ran")
	for _, name := range []string{
		"missing", "", "../fence_evil", "x/../../" + outside, outside, "fa ke", "fake\n", "fake\x00", "-x", ".", "..",
		strings.Repeat("a", 5000),
	} {
		f, _, _ := agent(t, "", fence.Options{})
		p := params("status")
		p.Agent = name
		_, err := f.Node(t.Context(), p)
		if !errors.Is(err, api.ErrUnsupportedFenceAgent) && !errors.Is(err, syscall.ENAMETOOLONG) && len(name) < 5000 {
			t.Errorf("%q: %v", name, err)
		}
		if err == nil {
			t.Errorf("%q: no error", name)
		}
	}
	if _, err := os.Stat(outside + ".ran"); err == nil {
		t.Error("a program outside of the folder ran")
	}
}

func TestLineBreaksDoNotSmuggleOptions(t *testing.T) {
	t.Parallel()
	f, folder, _ := agent(t, `touch "$0.ran"`, fence.Options{})
	for name, spoil := range map[string]func(*api.HostFenceNodeParams){
		"address":  func(p *api.HostFenceNodeParams) { p.Addr = "a\naction=off" },
		"user":     func(p *api.HostFenceNodeParams) { p.Username = "a\raction=off" },
		"password": func(p *api.HostFenceNodeParams) { p.Password = "a\naction=off" },
		"port":     func(p *api.HostFenceNodeParams) { p.Port = "1\naction=off" },
		"options":  func(p *api.HostFenceNodeParams) { p.Options = "a=\x00" },
		"action":   func(p *api.HostFenceNodeParams) { p.Action = "metadata" },
	} {
		p := params("status")
		spoil(p)
		if _, err := f.Node(t.Context(), p); !errors.Is(err, api.ErrGeneral) || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "fence_fake.ran")); err == nil {
		t.Error("the agent ran")
	}
}

func TestPasswordIsMasked(t *testing.T) {
	t.Parallel()
	f, _, log := agent(t, `cat; exit 1`, fence.Options{}) // an agent that prints all it is told
	_, err := f.Node(t.Context(), params("off"))
	if err == nil || strings.Contains(err.Error(), password) || strings.Contains(log.String(), password) {
		t.Errorf("error %v, log %s", err, log)
	}
	if !strings.Contains(log.String(), "192.0.2.1") {
		t.Errorf("log says nothing: %s", log)
	}
}

func TestHugeOutputIsCut(t *testing.T) {
	t.Parallel()
	f, _, _ := agent(t, `head -c 20000000 /dev/zero | tr '\0' x; exit 1`, fence.Options{})
	_, err := f.Node(t.Context(), params("status"))
	if err == nil || len(err.Error()) > 64<<10 {
		t.Errorf("message of %d bytes", len(err.Error()))
	}
}

func TestAgentThatReadsNothing(t *testing.T) {
	t.Parallel()
	f, _, _ := agent(t, `exec <&-; exit 0`, fence.Options{})
	p := params("status")
	p.Options = strings.Repeat("verbose=1\n", 100_000) // more than a pipe holds
	got, err := f.Node(t.Context(), p)
	if err != nil || got.Power != api.FenceNodePowerStatusResultOn {
		t.Errorf("%+v, %v", got, err)
	}
}

// waitGone waits until the process whose id is in a file has ended.
func waitGone(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") { // a zombie is dead; its parent may be slow
			return
		}
	}
	t.Errorf("process %d still runs", pid)
}

const hangs = `sleep 1000 & echo $! >"$0.child"; echo started; wait`

func TestHangingAgentIsKilledWithItsGroup(t *testing.T) {
	t.Parallel()
	f, folder, log := agent(t, hangs, fence.Options{Timeout: 3 * time.Second})
	_, err := f.Node(t.Context(), params("off"))
	failure, _ := errors.AsType[*api.Code](err)
	if failure == nil || failure.Number != 1 || !strings.HasPrefix(failure.Message, "started\n") {
		t.Errorf("%v, log %s", err, log)
	}
	waitGone(t, filepath.Join(folder, "fence_fake.child"))
}

func TestCallersEndKillsTheAgent(t *testing.T) {
	t.Parallel()
	f, folder, _ := agent(t, hangs, fence.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := f.Node(ctx, params("off"))
		done <- err
	}()
	child := filepath.Join(folder, "fence_fake.child")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if text, err := os.ReadFile(child); err == nil && len(text) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the agent does not start")
		}
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("no error")
	}
	waitGone(t, child)
}

func TestChildThatKeepsThePipesDoesNotHoldTheCall(t *testing.T) {
	t.Parallel()
	f, folder, _ := agent(t, `sleep 1000 & echo $! >"$0.child"; exit 2`, fence.Options{})
	got, err := f.Node(t.Context(), params("status"))
	if err != nil || got.Power != api.FenceNodePowerStatusResultOff {
		t.Errorf("%+v, %v", got, err)
	}
	waitGone(t, filepath.Join(folder, "fence_fake.child"))
}

// leases answers AnyLive.
type leases struct {
	live bool
	err  error
}

func (l leases) AnyLive(context.Context, api.HostIdMap) (bool, error) { return l.live, l.err }

type gluster struct {
	may bool
	err error
}

func (g gluster) MayFence(context.Context, api.FencingPolicy) (bool, error) { return g.may, g.err }

func TestPolicy(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	domains := &api.FencingPolicy{StorageDomainHostIDMap: api.HostIdMap{"sd": 1}}
	bricks := &api.FencingPolicy{SkipFencingIfGlusterBricksUp: true}
	for name, c := range map[string]struct {
		policy  *api.FencingPolicy
		options fence.Options
		action  string
		skipped bool
	}{
		"no policy":          {nil, fence.Options{Leases: leases{live: true}}, "off", false},
		"live lease":         {domains, fence.Options{Leases: leases{live: true}}, "off", true},
		"status never skips": {domains, fence.Options{Leases: leases{live: true}}, "status", false},
		"dead lease":         {domains, fence.Options{Leases: leases{}}, "off", false},
		"leases not known":   {domains, fence.Options{Leases: leases{err: broken}}, "off", false},
		"no leases here":     {domains, fence.Options{}, "off", false},
		"no domains":         {&api.FencingPolicy{}, fence.Options{Leases: leases{live: true}}, "off", false},
		"bricks up":          {bricks, fence.Options{Gluster: gluster{may: false}}, "off", true},
		"bricks down":        {bricks, fence.Options{Gluster: gluster{may: true}}, "off", false},
		"bricks not known":   {bricks, fence.Options{Gluster: gluster{err: broken}}, "off", false},
		"no gluster here":    {bricks, fence.Options{}, "off", false},
	} {
		f, folder, _ := agent(t, `touch "$0.ran"`, c.options)
		p := params(c.action)
		p.Policy = c.policy
		got, err := f.Node(t.Context(), p)
		_, missing := os.Stat(filepath.Join(folder, "fence_fake.ran"))
		if err != nil || (missing != nil) != c.skipped {
			t.Errorf("%s: %v, agent's trace %v", name, err, missing)
		}
		if want := (api.FenceNodeResult{OperationStatus: "skipped"}); c.skipped && got != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
