// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/pool"
	"govdsm/internal/storage/sanlock/sanlocktest"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// manager is a host that manages a pool of one domain, and is called by verbs.
type manager struct {
	t      *testing.T
	s      *Storage
	table  *dispatch.Table
	domain *domain.Domain
	pool   string
	top    string
}

// newManager starts one. The domain is in a folder, but shared: its lock is
// the real sanlock.
func newManager(t *testing.T) *manager {
	t.Helper()
	daemon := sanlocktest.Start(t, "host-a")
	top, err := os.MkdirTemp("", "sto") // short: sockets are in it
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(top)) })
	folder, mnt := filepath.Join(top, "data"), filepath.Join(top, "dc", "mnt")
	must(t, errors.Join(os.Mkdir(folder, 0o755), os.MkdirAll(mnt, 0o755), os.Symlink(folder, filepath.Join(mnt, "_data"))))
	m := &manager{t: t, top: top, pool: uuid.NewString(), table: dispatch.NewTable(dispatch.Checker{})}
	m.s = New(Options{
		Repository: filepath.Join(top, "dc"), Run: filepath.Join(top, "run"), LockWait: time.Minute,
		Sanlock:    clusterlock.Options{RunDir: daemon.RunDir, IOTimeout: sanlocktest.IOTimeout},
		Tasks:      task.Options{Workers: 4, Queue: 100},
		MaxDomains: 10, HardwareID: func() string { return "this-host" },
		Transfers: Transfers{
			NBDRun: filepath.Join(top, "nbd"), Scratch: filepath.Join(top, "scratch"), ImageDaemon: filepath.Join(top, "imageio"),
		},
		Lost: func(err error) { t.Error(err) },
	})
	m.s.Bind(m.table)
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error)
	go func() { ran <- m.s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-ran)
	})
	m.addDomain(folder)
	id := m.domain.ID()
	must(t, m.s.pools.Create(t.Context(), m.pool, "test", id, 1, []string{id}, pool.LeaseNumbers{Renewal: 5, LeaseTime: 60, IOTimeout: 10, Retries: 3}))
	must(t, m.s.pools.Connect(t.Context(), m.pool, 1, id, 1, pool.Members{id: "active"}))
	start, err := m.s.pools.StartSPM(t.Context(), m.pool, pool.Start{PrevID: -1, PrevLver: "-1"})
	must(t, err)
	m.done(start)
	t.Cleanup(func() { must(t, m.s.pools.StopSPM(context.Background(), m.pool)) })
	return m
}

func (m *manager) addDomain(folder string) {
	t := m.t
	t.Helper()
	d, err := m.s.domains.Create(t.Context(), domain.Spec{
		ID: uuid.NewString(), Name: "data", Type: domainmd.LocalFS, Class: domainmd.Data, Version: domainmd.Version5,
		RemotePath: folder, MountPoint: filepath.Join(m.top, "dc/mnt/_data"), MaxHosts: 250,
	})
	must(t, err)
	m.domain = d
	must(t, d.Update(t.Context(), func(md *domainmd.Metadata) error {
		md.Set(domainmd.KeyType, domainmd.PosixFS.String())
		return nil
	}))
	lock, sdm := d.ClusterLock()
	must(t, lock.Init(t.Context(), sdm))
	must(t, d.Dir().Create(t.Context(), domain.XLeasesFile, 0, 0o660))
	leases, err := d.ExternalLeases(t.Context())
	must(t, err)
	must(t, leases.Format(d.ID(), time.Now()))
}

// call calls a verb as a manager does.
func (m *manager) call(verb, params string, values ...any) (string, error) {
	m.t.Helper()
	handler, err := m.table.Lookup(verb)
	must(m.t, err)
	result, err := m.table.Call(m.t.Context(), handler, json.RawMessage(fmt.Sprintf(params, values...)))
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(result)
	must(m.t, err)
	return string(text), nil
}

func (m *manager) want(want, verb, params string, values ...any) {
	m.t.Helper()
	if got, err := m.call(verb, params, values...); err != nil || got != want {
		m.t.Errorf("%s: %s, %v; want %s", verb, got, err, want)
	}
}

func (m *manager) refused(want error, verb, params string, values ...any) {
	m.t.Helper()
	if got, err := m.call(verb, params, values...); !errors.Is(err, want) {
		m.t.Errorf("%s: %s, %v; want %v", verb, got, err, want)
	}
}

// task calls a verb that schedules a task, and waits for its success.
func (m *manager) task(verb, params string, values ...any) {
	m.t.Helper()
	id, err := m.call(verb, params, values...)
	must(m.t, err)
	m.done(strings.Trim(id, `"`))
}

func (m *manager) done(id string) {
	m.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		text, err := m.call("Task.getStatus", `{"taskID": %q}`, id)
		must(m.t, err)
		if strings.Contains(text, `"taskState":"finished"`) {
			if !strings.Contains(text, `"taskResult":"success"`) {
				m.t.Fatal(text)
			}
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatal(text)
		}
	}
}

func TestExternalLeases(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	sd, id, job := m.domain.ID(), uuid.NewString(), uuid.NewString()
	lease := fmt.Sprintf(`{"sd_id": %q, "lease_id": %q}`, sd, id)
	record := func(status string, generation int) string {
		return fmt.Sprintf(`{"type": "JOB", "job_id": %q, "job_status": %q, "generation": %d}`, job, status, generation)
	}
	m.refused(api.ErrNoSuchLease, "Lease.info", `{"lease": %s}`, lease)
	for range 2 { // the second one finds it
		m.task("Lease.create", `{"lease": %s, "metadata": %s}`, lease, record("PENDING", 999))
	}
	m.want(fmt.Sprintf(`{"sd_id":%q,"lease_id":%q,"path":%q,"offset":3145728}`, sd, id, m.domain.Path(domain.XLeasesFile)),
		"Lease.info", `{"lease": %s}`, lease)
	status := func(wanted ...string) {
		t.Helper()
		got, err := m.call("Lease.status", `{"lease": %s}`, lease)
		must(t, err)
		for _, w := range append(wanted, `"owners":[]`) {
			if !strings.Contains(got, w) {
				t.Errorf("%s, without %s", got, w)
			}
		}
	}
	status(`"job_status":"PENDING"`, `"generation":999`, `"host_hardware_id":"this-host"`, `"created":`)

	fence := `{"lease": %s, "metadata": %s}`
	m.refused(api.ErrJobStatusMismatch, "Lease.fence", fence, lease, record("FAILED", 999))
	m.refused(api.ErrGenerationMismatch, "Lease.fence", fence, lease, record("PENDING", 5))
	m.refused(api.ErrInvalidParameterException, "Lease.fence", fence, lease, record("PENDING", 1000))
	m.refused(api.ErrInvalidParameterException, "Lease.fence", fence, lease, record("DONE", 1))
	m.want("true", "Lease.fence", fence, lease, record("PENDING", 999))
	status(`"job_status":"FENCED"`, `"generation":0`)

	held, err := m.s.acquireExternal(t.Context(), 1, sd, id)
	must(t, err)
	got, err := m.call("Lease.status", `{"lease": %s}`, lease)
	if err != nil || !strings.Contains(got, `"owners":[1]`) || strings.Contains(got, "metadata") {
		t.Errorf("while it is held: %s, %v", got, err)
	}
	must(t, held.Release(t.Context()))

	m.task("Lease.rebuild_leases", `{"sd_id": %q}`, sd)
	status(`"job_status":"FENCED"`)
	for range 2 {
		m.task("Lease.delete", `{"lease": %s}`, lease)
	}
	m.refused(api.ErrNoSuchLease, "Lease.status", `{"lease": %s}`, lease)
	m.refused(api.ErrInvalidParameterException, "Lease.create", `{"lease": {"sd_id": %q, "lease_id": "../x"}}`, sd)
	m.refused(api.ErrStorageDomainDoesNotExist, "Lease.info", `{"lease": {"sd_id": %q, "lease_id": %q}}`, id, id)
}

func TestTransfers(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	v, err := m.s.volumes(t.Context(), api.UUID(m.domain.ID()))
	must(t, err)
	spec := volume.Spec{
		ID: volume.ID{Image: uuid.NewString(), Volume: uuid.NewString()}, Capacity: 1 << 20,
		Format: api.VolumeFormatRAW, Allocation: api.VolumeAllocationSPARSE, DiskType: "DATA",
	}
	must(t, v.Create(t.Context(), noTask{}, spec))
	server := uuid.NewString()
	config := fmt.Sprintf(`"sd_id": %q, "img_id": %q, "vol_id": %q`, m.domain.ID(), spec.Image, spec.Volume)
	url := "nbd:unix:" + filepath.Join(m.top, "nbd", server+".sock")
	m.want(`"`+url+`"`, "NBD.start_server", `{"server_id": %q, "config": {%s, "discard": true}}`, server, config)
	out, err := exec.CommandContext(t.Context(), "qemu-io", "-f", "raw", "-c", "write -P 9 0 64k", url).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	for range 2 {
		m.want("true", "NBD.stop_server", `{"server_id": %q}`, server)
	}
	if data, err := os.ReadFile(v.Path(spec.ID)); err != nil || data[0] != 9 || data[65535] != 9 || data[65536] != 0 {
		t.Errorf("the volume does not hold what was written: %v", err)
	}
	must(t, v.SetShared(t.Context(), spec.ID))
	m.refused(api.ErrSharedVolumeNonWritable, "NBD.start_server", `{"server_id": %q, "config": {%s}}`, server, config)

	ticket := fmt.Sprintf(`{"uuid": %q, "size": 1, "url": %q, "timeout": 300, "ops": ["read"], "sparse": true, "transfer_id": "t"}`, server, url)
	m.refused(api.ErrImageDaemonUnsupported, "Host.add_image_ticket", `{"ticket": %s}`, ticket)
	m.serveTickets()
	m.want("true", "Host.add_image_ticket", `{"ticket": %s}`, ticket)
	got, err := m.call("Host.get_image_ticket", `{"uuid": %q}`, server)
	if err != nil || !strings.Contains(got, `"transfer_id":"t"`) || !strings.Contains(got, `"sparse":true`) {
		t.Errorf("%s, %v", got, err)
	}
	m.want("true", "Host.remove_image_ticket", `{"uuid": %q}`, server)
	m.refused(api.ErrImageDaemon, "Host.extend_image_ticket", `{"uuid": %q, "timeout": 300}`, server)
}

// serveTickets is an image daemon that keeps one ticket.
func (m *manager) serveTickets() {
	l, err := net.Listen("unix", filepath.Join(m.top, "imageio"))
	must(m.t, err)
	var ticket []byte
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPut:
			ticket, _ = io.ReadAll(r.Body)
		case ticket == nil:
			http.Error(w, "no such ticket", http.StatusNotFound)
		case r.Method == http.MethodDelete:
			ticket = nil
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Write(ticket)
		}
	})}
	ended := make(chan error)
	go func() { ended <- s.Serve(l) }()
	m.t.Cleanup(func() {
		s.Close()
		<-ended
	})
}

// noTask is told how to undo what a test made.
type noTask struct{}

func (noTask) Rollback(context.Context, task.Recovery) error         { return nil }
func (noTask) ReplaceRollbacks(context.Context, task.Recovery) error { return nil }
