// SPDX-License-Identifier: GPL-2.0-or-later

package host

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"govdsm/api"
	"govdsm/internal/host/asroot"
	"govdsm/internal/host/mom"
)

// setKSMTune changes what was given of the kernel's same-page merging.
func (h *Host) setKSMTune(ctx context.Context, p *api.HostSetKSMTuneParams) (api.Status, error) {
	settings := ksmSettings(p.TuningParams)
	if err := asroot.CheckKSM(settings); err != nil {
		return api.Status{}, api.ErrKSMUpdateFailed.Because("").Caused(err)
	}
	if err := h.options.Privileged.TuneKSM(ctx, settings); err != nil {
		return api.Status{}, api.ErrKSMUpdateFailed.Because("").Caused(err)
	}
	return api.Done, nil
}

// ksmSettings puts the settings in an order the kernel takes: nodes can only
// be split while nothing is merged, so unmerging (run 2) comes first and
// merging (run 1) last.
func ksmSettings(p api.KsmTuneParams) []asroot.KSMSetting {
	var settings []asroot.KSMSetting
	add := func(name string, value *int64) {
		if value != nil {
			settings = append(settings, asroot.KSMSetting{Name: name, Value: *value})
		}
	}
	add("merge_across_nodes", p.MergeAcrossNodes)
	add("sleep_millisecs", p.SleepMillisecs)
	add("pages_to_scan", p.PagesToScan)
	if p.Run == nil {
		return settings
	}
	run := asroot.KSMSetting{Name: "run", Value: *p.Run}
	if run.Value == 1 {
		return append(settings, run)
	}
	return slices.Insert(settings, 0, run)
}

// setMOMPolicy replaces MOM's policy. A host without MOM has none to replace
// and answers success, as managers expect.
func (h *Host) setMOMPolicy(ctx context.Context, p *api.HostSetMOMPolicyParams) (api.Nothing, error) {
	return api.Nothing{}, h.momFailure(ctx, h.mom.SetPolicy(ctx, p.Policy))
}

// setMOMPolicyParameters sets values that MOM's policy uses.
func (h *Host) setMOMPolicyParameters(ctx context.Context, p *api.HostSetMOMPolicyParametersParams) (api.Nothing, error) {
	return api.Nothing{}, h.momFailure(ctx, h.mom.SetParameters(ctx, p.KeyValueStore))
}

func (h *Host) momFailure(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, mom.ErrUnreachable):
		h.options.Log.WarnContext(ctx, "MOM's policy is not set", "error", err)
		return nil
	case err != nil:
		return api.ErrMOMPolicyUpdateFailed.Because("").Caused(err)
	default:
		return nil
	}
}

// levelOf translates Python's names of log levels; slog has no name
// for CRITICAL, which is the next above its errors.
func levelOf(l api.LoggingLevel) (slog.Level, bool) {
	switch l {
	case api.LoggingLevelDEBUG:
		return slog.LevelDebug, true
	case api.LoggingLevelINFO:
		return slog.LevelInfo, true
	case api.LoggingLevelWARN, api.LoggingLevelWARNING:
		return slog.LevelWarn, true
	case api.LoggingLevelERROR:
		return slog.LevelError, true
	case api.LoggingLevelCRIT, api.LoggingLevelCRITICAL:
		return slog.LevelError + 4, true
	default:
		return 0, false
	}
}

// setLogLevel changes the level until the next restart.
func (h *Host) setLogLevel(ctx context.Context, p *api.HostSetLogLevelParams) (api.Nothing, error) {
	level, ok := levelOf(p.Level)
	if !ok {
		return api.Nothing{}, api.ErrGeneral.Of("Unknown level: '" + string(p.Level) + "'")
	}
	if h.options.SetLogLevel == nil {
		return api.Nothing{}, api.ErrResourceUnavailable
	}
	if err := h.options.SetLogLevel(p.Name, level); err != nil {
		return api.Nothing{}, api.ErrGeneral.Of(err.Error()).Caused(err)
	}
	h.options.Log.InfoContext(ctx, "log level is set", "level", p.Level, "name", p.Name)
	return api.Nothing{}, nil
}
