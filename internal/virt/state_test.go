// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
)

func TestTransitions(t *testing.T) {
	t.Parallel()
	cases := []struct {
		from api.VmStatus
		by   trigger
		to   api.VmStatus // "" for none
	}{
		{api.VmStatusWaitForLaunch, launched, api.VmStatusUp},
		{api.VmStatusWaitForLaunch, resumed, ""},
		{api.VmStatusWaitForLaunch, releasing, ""},
		{api.VmStatusWaitForLaunch, ended, api.VmStatusDown},
		{api.VmStatusUp, launched, ""},
		{api.VmStatusUp, paused, api.VmStatusPaused},
		{api.VmStatusUp, releasing, api.VmStatusPoweringDown},
		{api.VmStatusUp, ended, api.VmStatusDown},
		{api.VmStatusPaused, resumed, api.VmStatusUp},
		{api.VmStatusPaused, releasing, ""},
		{api.VmStatusPaused, ended, api.VmStatusDown},
		{api.VmStatusPoweringDown, paused, ""},
		{api.VmStatusPoweringDown, resumed, ""},
		{api.VmStatusPoweringDown, ended, api.VmStatusDown},
		{api.VmStatusDown, launched, ""},
		{api.VmStatusDown, paused, ""},
		{api.VmStatusDown, resumed, ""},
		{api.VmStatusDown, releasing, ""},
		{api.VmStatusDown, ended, ""},
	}
	for _, c := range cases {
		s := state{stored: c.from}
		want, moves := c.from, c.to != ""
		if moves {
			want = c.to
		}
		if got := s.move(c.by); got != moves || s.stored != want {
			t.Errorf("%s by %d: %v to %s, want %v to %s", c.from, c.by, got, s.stored, moves, want)
		}
	}
}

func TestShownStatus(t *testing.T) {
	t.Parallel()
	now := time.Now()
	cases := []struct {
		stored  api.VmStatus
		stopped bool
		guest   api.VmStatus
		ago     time.Duration
		want    api.VmStatus
	}{
		{api.VmStatusUp, false, api.VmStatusPoweringUp, 59 * time.Second, api.VmStatusPoweringUp},
		{api.VmStatusUp, false, api.VmStatusPoweringUp, 61 * time.Second, api.VmStatusUp},
		{api.VmStatusUp, false, api.VmStatusPoweringDown, 299 * time.Second, api.VmStatusPoweringDown},
		{api.VmStatusUp, false, api.VmStatusPoweringDown, 301 * time.Second, api.VmStatusUp},
		{api.VmStatusUp, false, api.VmStatusRebootInProgress, 5 * time.Second, api.VmStatusRebootInProgress},
		{api.VmStatusUp, false, api.VmStatusPoweringUp, -time.Hour, api.VmStatusUp},
		{api.VmStatusUp, true, api.VmStatusPoweringUp, time.Second, api.VmStatusPaused},
		{api.VmStatusPoweringDown, true, "", 0, api.VmStatusPaused},
		{api.VmStatusPaused, false, api.VmStatusPoweringUp, time.Second, api.VmStatusPaused},
		{api.VmStatusWaitForLaunch, false, "", 0, api.VmStatusWaitForLaunch},
		{api.VmStatusDown, true, api.VmStatusPoweringUp, time.Second, api.VmStatusDown},
	}
	for _, c := range cases {
		s := state{stored: c.stored, cpuStopped: c.stopped, guest: c.guest, guestAt: now.Add(-c.ago)}
		if got := s.shown(now); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// The texts are the contract's.
func TestExitTexts(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/exit-reasons.json")
	if err != nil {
		t.Fatal(err)
	}
	var contract struct {
		Reasons []struct {
			Code    api.VmExitReason
			Message string
		}
	}
	if err := json.Unmarshal(raw, &contract); err != nil {
		t.Fatal(err)
	}
	if len(contract.Reasons) != len(exitTexts) {
		t.Errorf("%d reasons, the contract has %d", len(exitTexts), len(contract.Reasons))
	}
	for _, r := range contract.Reasons {
		if e := newExit(0, r.Code, ""); e.message != r.Message {
			t.Errorf("reason %d is %q, want %q", r.Code, e.message, r.Message)
		}
	}
	if e := newExit(0, 99, ""); e.message != "VM terminated" {
		t.Errorf("unknown reason is %q", e.message)
	}
}

func TestExitOfShutoff(t *testing.T) {
	t.Parallel()
	cases := []struct {
		status libvirt.Status
		reason api.VmExitReason
		code   api.VmExitCode
	}{
		{libvirt.Status{State: libvirt.StateShutoff, Reason: libvirt.ShutoffShutdown}, 7, 0},
		{libvirt.Status{State: libvirt.StateShutoff, Reason: libvirt.ShutoffDestroyed}, 6, 0},
		{libvirt.Status{State: libvirt.StateShutoff, Reason: libvirt.ShutoffMigrated}, 4, 0},
		{libvirt.Status{State: libvirt.StateShutoff, Reason: libvirt.ShutoffSaved}, 5, 0},
		{libvirt.Status{State: libvirt.StateShutoff, Reason: libvirt.ShutoffFailed}, 3, 1},
		{libvirt.Status{State: libvirt.StateShutoff, Reason: libvirt.ShutoffCrashed}, 1, 1},
		{libvirt.Status{State: libvirt.StateCrashed}, 1, 1},
	}
	for _, c := range cases {
		if e := exitOfShutoff(c.status); e.reason != c.reason || e.code != c.code {
			t.Errorf("%+v: %+v", c.status, e)
		}
	}
}
