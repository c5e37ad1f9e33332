// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"govdsm/internal/atomicfile"
)

// Lease is what a server gave.
type Lease struct {
	Address  netip.Prefix `json:"address"` // the address itself, with the length of its network
	Obtained time.Time    `json:"obtained"`
	// Counted from Obtained, in nanoseconds: preferred and valid lifetime, and
	// when it is to be renewed with its server (T1) and with any server (T2).
	Preferred time.Duration `json:"preferred"`
	Valid     time.Duration `json:"valid"`
	Renew     time.Duration `json:"renew"`
	Rebind    time.Duration `json:"rebind"`

	Server     netip.Addr `json:"server,omitzero"`     // IPv4: its identifier, and where it is renewed
	ServerDUID []byte     `json:"serverDUID,omitzero"` // IPv6
	ServerMAC  string     `json:"serverMAC,omitzero"`  // IPv4: who sent the answer, it or a relay

	Gateway netip.Addr   `json:"gateway,omitzero"`
	Routes  []Route      `json:"routes,omitzero"` // without a gateway of everything
	DNS     []netip.Addr `json:"dns,omitzero"`
}

// Route is a route that a server wants its clients to have.
type Route struct {
	Dest netip.Prefix `json:"dest"`
	Via  netip.Addr   `json:"via,omitzero"` // not valid: on the link
}

// Ends is when the lease is over.
func (l Lease) Ends() time.Time { return l.Obtained.Add(l.Valid) }

// forever is the lifetime of leases without an end, which get one after 68
// years: a lasting address could not be told from one that a person set.
const forever = (1<<31 - 1) * time.Second

// bounded brings the times of a lease in order. Servers that leave T1 and T2
// out, or send nonsense, get the defaults of RFC 2131, 4.4.5.
func (l *Lease) bounded() {
	l.Valid = min(l.Valid, forever)
	if l.Preferred <= 0 || l.Preferred > l.Valid {
		l.Preferred = l.Valid
	}
	if l.Rebind <= 0 || l.Rebind >= l.Valid {
		l.Rebind = l.Valid / 8 * 7
	}
	if l.Renew <= 0 || l.Renew >= l.Rebind {
		l.Renew = min(l.Valid/2, l.Rebind)
	}
}

// check refuses a lease that no server could have meant.
func (l *Lease) check(family Family) error {
	a := l.Address.Addr()
	switch {
	case !l.Address.IsValid() || a.Is4() != (family == IPv4) || a.Zone() != "":
		return fmt.Errorf("address %v", l.Address)
	case !a.IsGlobalUnicast() && !(a.Is4() && a.IsLinkLocalUnicast()):
		return fmt.Errorf("address %v cannot be a host's", a)
	case a.Is4() && (a.As4()[0] == 0 || a.As4()[0] >= 240 || l.Address.Bits() == 0):
		return fmt.Errorf("address %v cannot be a host's", l.Address)
	case l.Valid <= 0:
		return errors.New("no time to use it")
	}
	return nil
}

// record is what is on disk of a client: its lease, and what of it is in the
// kernel, or is about to be.
type record struct {
	Spec  Spec   `json:"client"`
	MAC   string `json:"mac"` // for whom the lease is
	Lease Lease  `json:"lease"`
	Put   put    `json:"put"`
}

// live tells whether the lease is of use for a device with that address.
func (r *record) live(mac net.HardwareAddr) bool {
	now := time.Now()
	return r != nil && r.MAC == mac.String() && now.Before(r.Lease.Ends()) && !r.Lease.Obtained.After(now.Add(time.Minute))
}

// suffix of the names of the files.
const suffix = ".lease.json"

// store is the folder of records.
type store struct{ dir string }

func (s store) path(k Key) string {
	return filepath.Join(s.dir, fmt.Sprintf("%s.ipv%d%s", k.Device, k.Family, suffix))
}

func (s store) save(r *record) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	return atomicfile.Write(s.path(r.Spec.Key), append(text, '\n'), 0o644)
}

func (s store) remove(k Key) error {
	if err := os.Remove(s.path(k)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// load reads all records. What cannot be understood is removed and reported: a
// server gives the lease again.
func (s store) load() (map[Key]*record, error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	records := make(map[Key]*record)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), suffix) || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(s.dir, e.Name())
		r, broken := s.read(path)
		if broken != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", path, broken), os.Remove(path))
			continue
		}
		records[r.Spec.Key] = r
	}
	return records, err
}

// maxRecord bounds what is read of a file, in bytes.
const maxRecord = 1 << 20

func (s store) read(path string) (*record, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxRecord {
		return nil, errors.New("not a file of a lease")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, err
	}
	if s.path(r.Spec.Key) != path {
		return nil, errors.New("it is of another client")
	}
	r.Lease.bounded()
	return &r, r.Lease.check(r.Spec.Family)
}
