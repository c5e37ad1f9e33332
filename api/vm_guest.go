// SPDX-License-Identifier: GPL-2.0-or-later

package api

// GuestMountInfo is a file system in a guest.
type GuestMountInfo struct {
	Used  string `json:"used"` // bytes
	Path  string `json:"path"`
	Fs    string `json:"fs"`
	Total string `json:"total"` // bytes
}

// GuestNetworkDeviceInfo is an interface in a guest.
type GuestNetworkDeviceInfo struct {
	Name  string   `json:"name"`
	Inet  []string `json:"inet"`  // IPv4 addresses
	Hw    string   `json:"hw"`    // link address
	Inet6 []string `json:"inet6"` // IPv6 addresses
}

// GuestSessionState says whether somebody works in the guest.
type GuestSessionState string

const (
	GuestSessionStateActive       GuestSessionState = "Active"
	GuestSessionStateLocked       GuestSessionState = "Locked"
	GuestSessionStateLoggedOff    GuestSessionState = "LoggedOff"
	GuestSessionStateUnknown      GuestSessionState = "Unknown"
	GuestSessionStateUserLoggedOn GuestSessionState = "UserLoggedOn"
)

// Values implements Enum.
func (GuestSessionState) Values() []string {
	return enum(GuestSessionStateActive, GuestSessionStateLocked, GuestSessionStateLoggedOff, GuestSessionStateUnknown, GuestSessionStateUserLoggedOn)
}

// GuestContainerInfo is a container in a guest.
type GuestContainerInfo struct {
	ID      string   `json:"id"`
	Names   []string `json:"names"`
	Image   string   `json:"image"`
	Status  string   `json:"status"`
	Command string   `json:"command"`
}

// GuestPCIDevice is a device in a guest with its driver.
type GuestPCIDevice struct {
	DeviceID      int64   `json:"device_id"`
	DriverDate    *string `json:"driver_date,omitzero" default:"null"`
	DriverName    string  `json:"driver_name"`
	DriverVersion *string `json:"driver_version,omitzero" default:"null"`
	VendorID      int64   `json:"vendor_id"`
}

// VMGuestOsInfo is a guest's system.
type VMGuestOsInfo struct {
	Type         string `json:"type"` // "linux" or "windows"
	Arch         string `json:"arch"` // "x86_64"; "unknown" for one that managers do not know
	Kernel       string `json:"kernel"`
	Distribution string `json:"distribution"`
	Version      string `json:"version"`
	Codename     string `json:"codename"`
}

// VMGuestTimezone is how a guest's clock goes.
type VMGuestTimezone struct {
	Offset int64  `json:"offset"` // minutes east of Greenwich
	Zone   string `json:"zone"`
}
