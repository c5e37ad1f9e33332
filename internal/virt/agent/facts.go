// SPDX-License-Identifier: GPL-2.0-or-later

package agent

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"govdsm/api"
)

// Facts are what a guest tells of itself. A nil is what it has not told.
type Facts struct {
	Version string // of the agent; "" before it has answered
	// HostName is the guest's name for itself.
	HostName *string
	// System is a short name of the system: Linux' release, Windows' name.
	System   *string
	OS       *api.VMGuestOsInfo
	Timezone *api.VMGuestTimezone
	Users    *string // names, separated by ", "
	CPUs     int64   // online; -1 for not told
	NICs     []api.GuestNetworkDeviceInfo
	Mounts   []api.GuestMountInfo
	Devices  []api.GuestPCIDevice

	commands map[string]bool // what the agent can be asked
}

// Applications are what the original makes up of a guest's software, which
// managers show: the kernel and the agent.
func (f *Facts) Applications() []string {
	list := []string{}
	if f.OS != nil && f.OS.Type == "linux" {
		list = append(list, "kernel-"+f.OS.Kernel)
	}
	return append(list, "qemu-guest-agent-"+f.Version)
}

// reachable reports whether the guest has told an address that others may
// reach it under.
func (f *Facts) reachable() bool {
	for _, nic := range f.NICs {
		if nic.Name == "lo" || nic.Name == "docker0" {
			continue
		}
		for _, text := range slices.Concat(nic.Inet, nic.Inet6) {
			a, err := netip.ParseAddr(text)
			if err == nil && !a.IsLoopback() && !a.IsLinkLocalUnicast() {
				return true
			}
		}
	}
	return false
}

func (f *Facts) readInfo(reply string) error {
	var r struct {
		Version  string `json:"version"`
		Commands []struct {
			Name    string `json:"name"`
			Enabled bool   `json:"enabled"`
		} `json:"supported_commands"`
	}
	if err := decode(reply, &r); err != nil {
		return err
	}
	f.Version = clean(r.Version)
	if f.Version == "" {
		f.Version = "unknown"
	}
	f.commands = make(map[string]bool)
	for _, q := range questions {
		for _, c := range r.Commands {
			if c.Enabled && c.Name == q.command {
				f.commands[q.command] = true
			}
		}
	}
	return nil
}

func (f *Facts) readHostName(reply string) error {
	var r struct {
		Name string `json:"host-name"`
	}
	if err := decode(reply, &r); err != nil {
		return err
	}
	f.HostName = new(clean(r.Name))
	return nil
}

// architectures are those that managers know, by the machine's name; others
// are "unknown" (lib/vdsm/virt/guestagenthelpers.py).
var architectures = map[string]string{
	"x86_64": "x86_64", "x86": "x86", "i686": "x86", "i586": "x86", "i386": "x86",
	"ppc": "ppc", "ppcle": "ppcle", "ppc64": "ppc64", "ppc64le": "ppc64le",
}

func (f *Facts) readSystem(reply string) error {
	var r struct {
		ID            string `json:"id"`
		Name          string `json:"name"`
		PrettyName    string `json:"pretty-name"`
		VersionID     string `json:"version-id"`
		KernelRelease string `json:"kernel-release"`
		KernelVersion string `json:"kernel-version"`
		Machine       string `json:"machine"`
		Variant       string `json:"variant"`
	}
	if err := decode(reply, &r); err != nil {
		return err
	}
	arch, ok := architectures[r.Machine]
	if !ok {
		arch = "unknown"
	}
	pretty, kernel := clean(r.PrettyName), clean(r.KernelRelease)
	if r.ID == "mswindows" {
		f.System = &pretty
		f.OS = &api.VMGuestOsInfo{
			Type: "windows", Arch: arch, Version: clean(r.KernelVersion), Codename: pretty,
		}
		return nil
	}
	f.System = &kernel
	f.OS = &api.VMGuestOsInfo{
		Type: "linux", Arch: arch, Kernel: kernel, Distribution: clean(r.Name),
		Version: clean(r.VersionID), Codename: clean(r.Variant),
	}
	return nil
}

// widestZone is further from UTC than any clock is.
const widestZone = 24 * 3600

func (f *Facts) readTimezone(reply string) error {
	var r struct {
		Zone   *string `json:"zone"`
		Offset int64   `json:"offset"` // s east of Greenwich
	}
	if err := decode(reply, &r); err != nil {
		return err
	}
	if r.Offset < -widestZone || r.Offset > widestZone {
		return errNonsense
	}
	zone := "unknown"
	if r.Zone != nil {
		zone = clean(*r.Zone)
	}
	minutes := (r.Offset+widestZone)/60 - widestZone/60 // rounded down
	f.Timezone = &api.VMGuestTimezone{Offset: minutes, Zone: zone}
	return nil
}

func (f *Facts) readInterfaces(reply string) error {
	var r []struct {
		Name      string `json:"name"`
		Hardware  string `json:"hardware-address"`
		Addresses []struct {
			Address string `json:"ip-address"`
		} `json:"ip-addresses"`
	}
	if err := decode(reply, &r); err != nil {
		return err
	}
	nics := []api.GuestNetworkDeviceInfo{}
	for _, i := range first(r, maxNICs) {
		nic := api.GuestNetworkDeviceInfo{
			Name: clean(i.Name), Hw: clean(i.Hardware), Inet: []string{}, Inet6: []string{},
		}
		for _, a := range first(i.Addresses, maxAddresses) {
			switch address, err := netip.ParseAddr(a.Address); {
			case err != nil || address.Zone() != "":
			case address.Is4():
				nic.Inet = append(nic.Inet, a.Address)
			default:
				nic.Inet6 = append(nic.Inet6, a.Address)
			}
		}
		nics = append(nics, nic)
	}
	f.NICs = nics
	return nil
}

func (f *Facts) readUsers(reply string) error {
	var r []struct {
		User   string `json:"user"`
		Domain string `json:"domain"`
	}
	if err := decode(reply, &r); err != nil {
		return err
	}
	names := make([]string, 0, len(r))
	for _, u := range first(r, maxUsers) {
		name := clean(u.User)
		if u.Domain != "" {
			name += "@" + clean(u.Domain)
		}
		names = append(names, name)
	}
	f.Users = new(strings.Join(names, ", "))
	return nil
}

func (f *Facts) readCPUs(reply string) error {
	var r []struct {
		Online bool `json:"online"`
	}
	if err := decode(reply, &r); err != nil {
		return err
	}
	f.CPUs = 0
	for _, cpu := range r {
		if cpu.Online {
			f.CPUs++
		}
	}
	return nil
}

func (f *Facts) readFileSystems(reply string) error {
	var r []struct {
		Path  string  `json:"mountpoint"`
		Type  string  `json:"type"`
		Used  *uint64 `json:"used-bytes"`
		Total *uint64 `json:"total-bytes"`
	}
	if err := decode(reply, &r); err != nil {
		return err
	}
	mounts := []api.GuestMountInfo{}
	for _, m := range first(r, maxMounts) {
		if m.Used == nil || m.Total == nil {
			continue // such as those Windows keeps for itself
		}
		mounts = append(mounts, api.GuestMountInfo{
			Path: cleanPath(m.Path), Fs: clean(m.Type),
			Used: strconv.FormatUint(*m.Used, 10), Total: strconv.FormatUint(*m.Total, 10),
		})
	}
	f.Mounts = mounts
	return nil
}

// latestDate is in the year 2200, in ns since 1970.
const latestDate = 7.26e18

// pciID names a kind of device. It comes in two shapes.
type pciID struct {
	Type   string `json:"type"`
	Vendor int64  `json:"vendor-id"`
	Device int64  `json:"device-id"`
	Data   *struct {
		Vendor int64 `json:"vendor-id"`
		Device int64 `json:"device-id"`
	} `json:"data"`
}

func (f *Facts) readDevices(reply string) error {
	var r []struct {
		Driver  string  `json:"driver-name"`
		Version *string `json:"driver-version"`
		Date    any     `json:"driver-date"` // ns since 1970, or "2021-03-04"
		ID      *pciID  `json:"id"`
		Address *pciID  `json:"address"` // agents before 5.3 call it so
	}
	if err := decode(reply, &r); err != nil {
		return err
	}
	seen := make(map[string]bool)
	devices := []api.GuestPCIDevice{}
	for _, d := range first(r, maxDevices) {
		id := d.ID
		if id == nil {
			id = d.Address
		}
		if id == nil || id.Type != "pci" {
			continue
		}
		device := api.GuestPCIDevice{VendorID: id.Vendor, DeviceID: id.Device, DriverName: clean(d.Driver)}
		if id.Data != nil {
			device.VendorID, device.DeviceID = id.Data.Vendor, id.Data.Device
		}
		if d.Version != nil {
			device.DriverVersion = new(clean(*d.Version))
		}
		switch date := d.Date.(type) {
		case string:
			device.DriverDate = new(clean(date))
		case float64:
			if date < 0 || date > latestDate {
				break
			}
			device.DriverDate = new(time.Unix(int64(date/1e9), 0).UTC().Format(time.DateOnly))
		}
		// A guest names every device; managers want every driver once.
		key := device.DriverName + strconv.FormatInt(device.VendorID, 16) + ":" + strconv.FormatInt(device.DeviceID, 16)
		if !seen[key] {
			seen[key] = true
			devices = append(devices, device)
		}
	}
	f.Devices = devices
	return nil
}
