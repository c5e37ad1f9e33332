// SPDX-License-Identifier: GPL-2.0-or-later

package domainmd

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"govdsm/internal/storage/pytext"
)

// PV is a device of a block domain and its place in the map of extents, which
// formats before 5 use to find a volume's metadata.
type PV struct {
	Number    int // in the key: 0 holds the metadata volume's first extent
	GUID      string
	UUID      string
	Count     int64 // extents
	MapOffset int64 // sum of the counts of the devices before it
}

var pvKey = regexp.MustCompile(`^PV([0-9]{1,9})$`)

func (p PV) encode() string {
	return fmt.Sprintf("pv:%s,uuid:%s,pestart:0,pecount:%d,mapoffset:%d", p.GUID, p.UUID, p.Count, p.MapOffset)
}

// SetPVs writes the devices in place of those that were written.
func (m *Metadata) SetPVs(pvs []PV) {
	maps.DeleteFunc(m.values, func(key, _ string) bool { return pvKey.MatchString(key) })
	for _, p := range pvs {
		m.Set(fmt.Sprintf("PV%d", p.Number), p.encode())
	}
}

// pvs reads the devices, sorted by number.
func (r *reading) pvs() []PV {
	var pvs []PV
	for key := range r.m.values {
		digits := pvKey.FindStringSubmatch(key)
		if digits == nil {
			continue
		}
		p := parsed(r, key, parsePV)
		n, _ := pytext.Int64(digits[1]) // nine digits at most
		p.Number = int(n)
		pvs = append(pvs, p)
	}
	slices.SortFunc(pvs, func(a, b PV) int { return a.Number - b.Number })
	return pvs
}

func parsePV(s string) (PV, error) {
	fields := map[string]string{}
	for item := range strings.SplitSeq(s, ",") {
		name, value, ok := strings.Cut(item, ":")
		if !ok {
			return PV{}, fmt.Errorf("no name before %q", item)
		}
		fields[name] = value
	}
	for _, name := range []string{"pv", "uuid", "pecount", "mapoffset"} {
		if _, ok := fields[name]; !ok {
			return PV{}, fmt.Errorf("no %s", name)
		}
	}
	count, err := pytext.Int64(fields["pecount"])
	if err != nil {
		return PV{}, err
	}
	offset, err := pytext.Int64(fields["mapoffset"])
	if err != nil {
		return PV{}, err
	}
	return PV{GUID: fields["pv"], UUID: fields["uuid"], Count: count, MapOffset: offset}, nil
}
