// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/event"
	"govdsm/internal/pki"
	"govdsm/internal/rpc"
	"govdsm/internal/sandbox"
)

// TestMain lets the test binary be the programs of bin, by name: the demo
// itself, and a vdsmd of a few lines which leaves the work to virsh. So the
// demo is tested with a real wire, a real libvirt and a real guest, and fails
// for its own faults only.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "demo":
		main()
		os.Exit(0)
	case "vdsmd":
		if err := stubVdsmd(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case "supervdsmd":
		stubSupervdsmd()
	}
	os.Exit(m.Run())
}

func stubSupervdsmd() {
	l, err := net.Listen("unix", os.Args[2])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			os.Exit(1)
		}
		conn.Close()
	}
}

func stubVdsmd() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	box, err := sandbox.Start(ctx, sandbox.Options{Dir: os.Args[2], BinDir: filepath.Dir(os.Args[0]), Log: log})
	if err != nil {
		return err
	}
	defer func() { _ = box.Stop(context.WithoutCancel(ctx)) }()
	identity, err := pki.Open(box.Files, log)
	if err != nil {
		return err
	}
	table := dispatch.NewTable(dispatch.Checker{})
	vms := &stubVMs{uri: box.Libvirt.URI}
	dispatch.Bind(table, api.VMCreate, vms.create)
	dispatch.Bind(table, api.HostGetAllVMStats, vms.stats)
	server, err := rpc.Listen(ctx, rpc.Options{
		Address: "127.0.0.1", Table: table, Events: event.NewBus(), Log: log,
		TLS: func() (*tls.Config, error) { return identity.Server(), nil },
	})
	if err != nil {
		return err
	}
	server.SetReady(true)
	fmt.Println("ready", server.Addr())
	return server.Run(ctx)
}

// stubVMs is up to one VM.
type stubVMs struct {
	uri string

	mu    sync.Mutex
	id    api.UUID
	began time.Time
}

func (v *stubVMs) create(ctx context.Context, p *api.VMCreateParams) (api.VmCreated, error) {
	var created api.VmCreated
	raw, err := json.Marshal(p.VMParams)
	if err != nil {
		return created, err
	}
	var params struct {
		XML string `json:"xml"`
	}
	if err := json.Unmarshal(raw, &params); err != nil {
		return created, err
	}
	cmd := exec.CommandContext(ctx, "virsh", "-q", "-c", v.uri, "create", "/dev/stdin")
	cmd.Stdin = strings.NewReader(params.XML)
	if out, err := cmd.CombinedOutput(); err != nil {
		return created, fmt.Errorf("%w: %s", err, out)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.id, v.began = p.VMID, time.Now()
	return created, nil
}

func (v *stubVMs) stats(context.Context, *api.NoParams) ([]api.VmStats, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.id == "" {
		return nil, nil
	}
	age, status := time.Since(v.began), api.VmStatusPoweringUp
	if age > 15*time.Second {
		status = api.VmStatusUp
	}
	return []api.VmStats{{Union: api.Union{Value: api.RunningVmStats{
		VMID: v.id, Status: status, CPUUser: "3.00", CPUSys: "1.50", MemUsage: "17",
		ElapsedTime: fmt.Sprint(int(age.Seconds())),
	}}}}, nil
}
