// SPDX-License-Identifier: GPL-2.0-or-later

package netconf

import (
	"encoding/json"
	"maps"
	"slices"

	"govdsm/api"
)

// A Bond is a bond with every default filled in, or the wish that it goes.
type Bond struct {
	Remove  bool     // it goes; nothing else counts
	Nics    []string // its ports, sorted
	Options string   // "mode=4 miimon=100": names and values of the kernel's driver
	Hwaddr  string   // only when it was chosen
	Switch  string
	Extra   map[string]json.RawMessage // members that nobody declared
}

// Equal tells whether two bonds have the same members.
func (b Bond) Equal(other Bond) bool { return sameJSON(b, other) }

// BondFromAttributes fills in what a declared bond leaves out.
func BondFromAttributes(a api.SetupNetworkBondAttributes) Bond {
	if a.Remove != nil && bool(*a.Remove) {
		return Bond{Remove: true, Extra: maps.Clone(a.Others)}
	}
	b := Bond{
		Nics: slices.Sorted(slices.Values(a.Nics)), Options: text(a.Options), Hwaddr: text(a.Hwaddr),
		Switch: text(a.Switch), Extra: maps.Clone(a.Others),
	}
	if b.Switch == "" {
		b.Switch = SwitchLegacy
	}
	return b
}

// Attributes returns the bond as declared members.
func (b Bond) Attributes() api.SetupNetworkBondAttributes {
	if b.Remove {
		return api.SetupNetworkBondAttributes{Remove: new(api.Tobool(true)), Others: b.Extra}
	}
	return api.SetupNetworkBondAttributes{
		Nics: b.Nics, Options: optional(b.Options), Hwaddr: optional(b.Hwaddr), Switch: optional(b.Switch),
		Others: b.Extra,
	}
}

// MarshalJSON writes the bond as the original stores it.
func (b Bond) MarshalJSON() ([]byte, error) { return json.Marshal(b.Attributes()) }

// UnmarshalJSON reads what MarshalJSON and the original write.
func (b *Bond) UnmarshalJSON(raw []byte) error {
	var a api.SetupNetworkBondAttributes
	if err := json.Unmarshal(raw, &a); err != nil {
		return err
	}
	*b = BondFromAttributes(a)
	return nil
}

// A Device holds what is kept about a NIC itself.
type Device struct {
	NumVFs *int                       // virtual functions that it shall have; nil when nobody said
	Extra  map[string]json.RawMessage // members that nobody declared
}

type sriov struct {
	NumVFs *int `json:"numvfs"`
}

// MarshalJSON writes the device as the original stores it.
func (d Device) MarshalJSON() ([]byte, error) {
	all := make(map[string]any)
	for name, raw := range d.Extra {
		all[name] = raw
	}
	if d.NumVFs != nil {
		all["sriov"] = sriov{d.NumVFs}
	}
	return json.Marshal(all)
}

// UnmarshalJSON reads what MarshalJSON and the original write.
func (d *Device) UnmarshalJSON(raw []byte) error {
	*d = Device{}
	if err := json.Unmarshal(raw, &d.Extra); err != nil {
		return err
	}
	if raw, given := d.Extra["sriov"]; given {
		var s sriov
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		d.NumVFs = s.NumVFs
		delete(d.Extra, "sriov")
	}
	return nil
}
