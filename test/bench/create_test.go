// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/client"
	"govdsm/internal/sandbox"
	"govdsm/test/hosttest"
)

// BenchmarkVMStart compares VM.create, up to the event that says the VM is
// there, with virsh create of the document that the agent gave to libvirt, in
// turns on one libvirtd. The virsh is connected already, so its own start does
// not count.
func BenchmarkVMStart(b *testing.B) {
	startVMs(b, hosttest.Start(b), number(b, "BENCH_STARTS", 31)).report(b)
}

func startVMs(tb testing.TB, h *hosttest.Host, pairs int) figures {
	c := h.Dial(tb)
	events, err := c.Subscribe(tb.Context(), client.EventQueue)
	if err != nil {
		tb.Fatal(err)
	}
	v := startVirsh(tb, h)
	f := figures{}
	var ours, bare []float64
	for i := range pairs + 1 {
		a, definition := throughAgent(tb, h, c, events, v)
		b := v.create(tb, h, definition)
		if i == 0 {
			continue // the first start fills caches of libvirt and the kernel
		}
		f.add("VM.create-ms", target{}, ms(a))
		f.add("virsh-create-ms", target{}, ms(b))
		ours, bare = append(ours, ms(a)), append(bare, ms(b))
	}
	// Medians are compared, as single starts vary more than they differ.
	f.add("added-ms", atMost(30), median(ours)-median(bare))
	return f
}

// throughAgent starts a VM, returns how long it took and the definition that
// libvirt was given of it, and ends it.
func throughAgent(tb testing.TB, h *hosttest.Host, c *client.Host, events *client.Subscription, v *virsh) (time.Duration, string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), hosttest.Patience)
	defer cancel()
	id := uuid.NewString()
	document := document(tb, h, id, "ours")
	began := time.Now()
	if err := create(ctx, c, id, document); err != nil {
		tb.Fatal(err)
	}
	await(ctx, tb, events, id, api.VmStatusPaused)
	took := time.Since(began)
	said := v.do(tb, "dumpxml --inactive --security-info "+id)
	_, definition, _ := strings.Cut(said, "<domain")
	definition, _, _ = strings.Cut("<domain"+definition, "virsh #")
	var gone any
	if err := c.Invoke(ctx, api.VMDestroy.Name, map[string]string{"vmID": id}, &gone); err != nil {
		tb.Fatal(err)
	}
	return took, strings.ReplaceAll(definition, id, uuid.NewString())
}

// await reads events until the VM has a status.
func await(ctx context.Context, tb testing.TB, events *client.Subscription, id string, want api.VmStatus) {
	tb.Helper()
	for {
		select {
		case e := <-events.C:
			params, ok, err := client.As(e, api.VMStatusEvent)
			if err != nil {
				tb.Fatal(err)
			}
			if got := fmt.Sprint(params[api.UUID(id)]["status"]); ok && got == string(want) {
				return
			} else if ok && got == string(api.VmStatusDown) && params[api.UUID(id)] != nil {
				tb.Fatalf("the VM went down: %v", params)
			}
		case <-ctx.Done():
			tb.Fatalf("VM %s is never %s", id, want)
		}
	}
}

// virsh is an interactive virsh on the libvirt of a sandbox.
type virsh struct {
	in  io.Writer
	out *bufio.Reader
}

func startVirsh(tb testing.TB, h *hosttest.Host) *virsh {
	tb.Helper()
	socket := filepath.Join(sandbox.Layout{Dir: h.Dir}.Run(), "libvirt", "libvirt-sock")
	cmd := exec.Command("virsh", "-c", "qemu:///system?socket="+socket)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = in.(io.Closer).Close()
		_ = cmd.Wait()
	})
	v := &virsh{in: in, out: bufio.NewReader(out)}
	v.do(tb, "uri")
	return v
}

// do gives a command, waits until it is carried out and returns what it
// printed.
func (v *virsh) do(tb testing.TB, command string) string {
	tb.Helper()
	if _, err := fmt.Fprintf(v.in, "%s\n%s\n", command, mark); err != nil {
		tb.Fatal(err)
	}
	var printed strings.Builder
	for {
		line, err := v.out.ReadString('\n')
		if err != nil {
			tb.Fatalf("virsh %s: %v", command, err)
		}
		if line == "end-of-command\n" {
			return printed.String()
		}
		printed.WriteString(line)
	}
}

// mark is a command whose output differs from itself: virsh repeats commands.
const mark = "echo 'end'-of-command"

// create starts a VM from its definition, stopped as the other one was, returns
// how long that took and ends it.
func (v *virsh) create(tb testing.TB, h *hosttest.Host, definition string) time.Duration {
	tb.Helper()
	file := filepath.Join(h.Dir, "bare.xml")
	if err := os.WriteFile(file, []byte(definition), 0o600); err != nil {
		tb.Fatal(err)
	}
	began := time.Now()
	said := v.do(tb, "create --paused "+file)
	took := time.Since(began)
	if !strings.Contains(said, "created") {
		tb.Fatalf("virsh create says %q", said)
	}
	v.do(tb, "destroy ours")
	return took
}
