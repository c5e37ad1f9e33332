// SPDX-License-Identifier: GPL-2.0-or-later

package monitor

import (
	"strconv"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/outofprocess"
)

// unknownVersion is the version of a domain that was not read yet.
const unknownVersion = -1

// Status is what the last checks found.
type Status struct {
	Err     error         // of whichever check failed; nil for a valid domain
	Actual  bool          // false until both checks have ended once
	Checked time.Time     // when either of them ended last
	Delay   time.Duration // of the read of the path

	Version   int
	HasHostID bool
	Space     outofprocess.Space
	// MasterMounted and MasterValid: see domain.CheckMaster.
	MasterMounted, MasterValid bool
}

// Vitals returns a status as managers see it.
func (s Status) Vitals(now time.Time) api.StorageDomainVitals {
	delay := "0"
	if s.Delay > 0 {
		delay = strconv.FormatFloat(s.Delay.Seconds(), 'g', -1, 64)
	}
	return api.StorageDomainVitals{
		Code:      code(s.Err),
		LastCheck: strconv.FormatFloat(max(0, now.Sub(s.Checked).Seconds()), 'f', 1, 64),
		Delay:     delay,
		Valid:     s.Err == nil,
		Version:   int64(s.Version),
		Acquired:  s.HasHostID,
		Actual:    s.Actual,
	}
}

// Vitals returns the statuses of all watched domains, or of the given ones,
// from memory.
func (m *Monitors) Vitals(now time.Time, ids ...string) api.StorageDomainVitalsMap {
	vitals := make(api.StorageDomainVitalsMap)
	if len(ids) == 0 {
		for id := range m.Domains() {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		if s, ok := m.Status(id); ok {
			vitals[api.UUID(id)] = s.Vitals(now)
		}
	}
	return vitals
}
