// SPDX-License-Identifier: GPL-2.0-or-later

package ops

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"govdsm/api"
	"govdsm/internal/privileged"
)

// ksmLimits are the settings that may be written and the least values that are
// too large. Only these names become paths.
func ksmLimits() map[string]int64 {
	return map[string]int64{
		"run":                3,
		"merge_across_nodes": 3,
		"sleep_millisecs":    1 << 32,
		"pages_to_scan":      1 << 32,
	}
}

// tuneKSM writes settings to /sys/kernel/mm/ksm. Nothing is written when one
// of them is not allowed.
func (h *Host) tuneKSM(_ context.Context, p *privileged.KSMTuneParams) (privileged.None, error) {
	limits := ksmLimits()
	for _, s := range p.Settings {
		limit, ok := limits[s.Name]
		if !ok {
			return privileged.None{}, api.ErrKSMUpdateFailed.Because(fmt.Sprintf("there is no setting %q", s.Name))
		}
		if s.Value < 0 || s.Value >= limit {
			return privileged.None{}, api.ErrKSMUpdateFailed.Because(fmt.Sprintf(
				"%s=%d is not between 0 and %d", s.Name, s.Value, limit-1))
		}
	}
	for _, s := range p.Settings {
		if err := h.writeKSM(s); err != nil {
			return privileged.None{}, api.ErrKSMUpdateFailed.Because(err.Error()).Caused(err)
		}
	}
	return privileged.None{}, nil
}

// writeKSM writes to a file that the kernel offers; it makes none.
func (h *Host) writeKSM(s privileged.KSMSetting) error {
	f, err := os.OpenFile(filepath.Join(h.root, "/sys/kernel/mm/ksm", s.Name), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strconv.FormatInt(s.Value, 10))
	return errors.Join(err, f.Close())
}
