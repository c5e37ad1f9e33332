// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"govdsm/api"
	"govdsm/internal/event"
)

// getStats answers the statistics of one VM.
func (m *VMs) getStats(ctx context.Context, p *api.VMGetStatsParams) ([]api.VmStats, error) {
	v, err := m.find(p.VMID)
	if err != nil {
		return nil, err
	}
	list, err := m.hooked(ctx, "get_vm_stats", func() []api.VmStats { return []api.VmStats{v.stats(newMoment())} })
	if err != nil { // of the two codes for hooks, this verb has always used the other
		return nil, api.ErrHookFailed.Says("Hook error: " + err.Error())
	}
	return list, nil
}

// getAllVMStats answers the statistics of all VMs.
func (m *VMs) getAllVMStats(ctx context.Context, _ *api.NoParams) ([]api.VmStats, error) {
	return m.hooked(ctx, "get_all_vm_stats", func() []api.VmStats {
		now, vms := newMoment(), m.all()
		list := make([]api.VmStats, len(vms))
		for i, v := range vms {
			list[i] = v.stats(now)
		}
		return list
	})
}

// hooked runs the scripts before and after an answer. Those before may refuse
// it, those after may replace it.
func (m *VMs) hooked(ctx context.Context, point string, answer func() []api.VmStats) ([]api.VmStats, error) {
	if m.hooks.Any("before_" + point) {
		if _, err := m.hooks.RunJSON(ctx, "before_"+point, []byte("{}"), nil); err != nil {
			return nil, err
		}
	}
	list := answer()
	if !m.hooks.Any("after_" + point) {
		return list, nil
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	raw, err = m.hooks.RunJSON(ctx, "after_"+point, raw, nil)
	if err != nil {
		m.log.WarnContext(ctx, "hook failed", "point", "after_"+point, "error", err)
	}
	var changed []api.VmStats
	if err := json.Unmarshal(raw, &changed); err != nil {
		return nil, api.ErrHook.Of(err.Error()).Caused(err)
	}
	return changed, nil
}

// moment is the time of one answer, in the notations answers need.
type moment struct {
	now        time.Time
	statusTime string
	monotonic  api.Float // s
}

func newMoment() moment {
	ms := event.Now()
	return moment{time.Now(), strconv.FormatInt(ms, 10), api.Float(float64(ms) / 1000)}
}

// statusTime is the clock by which managers order answers and events.
func statusTime() string { return strconv.FormatInt(event.Now(), 10) }

// stats puts the statistics together from what is in memory.
func (v *VM) stats(at moment) api.VmStats {
	v.mu.Lock()
	s := v.state
	v.mu.Unlock()
	if s.stored == api.VmStatusDown {
		e := s.exited(v.id)
		e.StatusTime = &at.statusTime
		return api.VmStats{Union: api.Union{Value: e}}
	}
	vw := v.view.Load()
	r := &api.RunningVmStats{
		VMID: api.UUID(v.id), Status: s.shown(at.now), StatusTime: at.statusTime,
		VMName: v.name, VMType: vw.vmType, KvmEnable: "true", AcpiEnable: strconv.FormatBool(vw.acpi),
		Username: "Unknown", Session: api.GuestSessionStateUnknown, GuestCPUCount: -1, AppsList: []string{},
	}
	f := v.currentFigures()
	v.fillRunning(r, &s, vw, f, at)
	r.MemUsage = f.usage
	fillGuest(r, v.agent.told())
	return api.VmStats{Union: api.Union{Value: r}}
}

// exited returns the statistics of a VM that is Down.
func (s *state) exited(id string) *api.ExitedVmStats {
	return &api.ExitedVmStats{
		VMID: api.UUID(id), Status: api.VmStatusDown,
		ExitCode: s.exit.code, ExitReason: s.exit.reason, ExitMessage: s.exit.message,
		TimeOffset: s.timeOffsetText(),
	}
}

func (s *state) timeOffsetText() *string {
	if s.timeOffset == nil {
		return nil
	}
	return new(strconv.FormatInt(*s.timeOffset, 10))
}

// fillRunning fills in what changes while a VM runs: the part that events of a
// VM that came up carry too.
func (v *VM) fillRunning(r *api.RunningVmStats, s *state, vw *view, f *figures, at moment) {
	r.ElapsedTime = "0"
	if !s.startTime.IsZero() {
		r.ElapsedTime = strconv.FormatInt(int64(max(0, at.now.Sub(s.startTime)).Seconds()), 10)
	}
	r.MonitorResponse = v.monitorResponse(s, at.now)
	r.ClientIP = s.clientIP
	r.TimeOffset = "0"
	if offset := s.timeOffsetText(); offset != nil {
		r.TimeOffset = *offset
	}
	if s.pauseCode != "" {
		r.PauseCode = &s.pauseCode
	}

	r.CPUUser, r.CPUSys, r.CPUUsage, r.CPUActual = f.cpuUser, f.cpuSys, f.cpuUsage, f.cpuActual
	r.VCPUCount, r.Disks, r.MemoryStats = f.vcpus, f.disks, f.memory
	r.Network = f.networkAt(at.monotonic)
	r.BalloonInfo = balloonInfo(vw, f)
	r.IOTune = vw.ioTune

	r.DisplayInfo = vw.display
	if r.DisplayInfo == nil {
		r.DisplayInfo = []api.VmDisplayInfo{}
	}
	if vw.hash != "" {
		r.Hash = &vw.hash
	}
	if vw.nvram {
		r.NvramHash = new("")
	}
	if vw.tpm {
		r.TPMHash = new("")
	}
	r.WatchdogEvent = s.watchdog
}

// monitorResponse is "-1" when libvirt could not reach QEMU: the last call
// timed out, or no sample has come for long.
func (v *VM) monitorResponse(s *state, now time.Time) string {
	if s.silent {
		return "-1"
	}
	since := s.sampledSince
	if since.IsZero() {
		return "0"
	}
	if seen := v.vms.samples.of(v.id).seen; seen.After(since) {
		since = seen
	}
	if now.Sub(since) >= v.vms.o.CommandTimeout {
		return "-1"
	}
	return "0"
}

// networkAt returns the interfaces with the time of the answer, which managers
// divide the growth of the counts by.
func (f *figures) networkAt(at api.Float) api.NetworkInterfaceStatsMap {
	if f.network == nil {
		return nil
	}
	m := make(api.NetworkInterfaceStatsMap, len(f.network))
	for name, nic := range f.network {
		nic.SampleTime = at
		m[name] = nic
	}
	return m
}

// balloonInfo returns the balloon's figures once all are known: a memory
// manager works out wrong targets from a part of them.
func balloonInfo(vw *view, f *figures) *api.BalloonInfo {
	if vw.balloon == nil || f.balloon == "" {
		return nil
	}
	return &api.BalloonInfo{
		BalloonMax:        new(strconv.FormatInt(vw.memoryKiB/1024*1024, 10)),
		BalloonMin:        new(strconv.FormatInt(vw.balloon.minimum, 10)),
		BalloonCur:        &f.balloon,
		BalloonTarget:     new(strconv.FormatInt(vw.balloon.target, 10)),
		BallooningEnabled: vw.balloon.enabled,
	}
}
