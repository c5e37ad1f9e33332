// SPDX-License-Identifier: GPL-2.0-or-later

package privileged

import (
	"time"

	"govdsm/api"
)

// The operations. Whoever adds one adds its checks where it is carried out:
// a request is an offer of vdsmd's, not an order.
var (
	Ping = declare[None, None]("ping",
		"does nothing, to see whether the daemon answers", quiet)

	HardwareInfo = declare[None, api.HardwareInformation]("hardware_info",
		"reads what the firmware says of the machine; serial number and UUID are for root only")

	HostFacts = declare[None, Facts]("host_facts",
		"reads settings that only root may read on some distributions", quiet)

	KSMTune = declare[KSMTuneParams, None]("ksm_tune",
		"writes settings of kernel same-page merging to /sys/kernel/mm/ksm", quiet)

	LLDPNeighbours = declare[LLDPParams, LLDPResult]("lldp_neighbours",
		"tells what switches have announced on links, as lldpad, lldpd or root itself heard it", quiet)
	NetworkApply = declare[api.HostSetupNetworksParams, None]("network_apply",
		"changes networks and bonds, and brings the former ones back when a part fails", lasting(time.Hour))

	NetworkMirror = declare[MirrorParams, None]("network_mirror",
		"starts or ends copying a bridge's traffic to a virtual machine's interface")

	NetworkNumVFs = declare[NumVFsParams, None]("network_numvfs",
		"changes how many virtual functions a network card has", lasting(10*time.Minute))

	OVNConfigured = declare[None, bool]("ovn_configured",
		"tells whether the host is a part of OVN, with its services, certificates and name", quiet)

	SwitchPorts = declare[None, SwitchPortsResult]("switch_ports",
		"tells which ports the bridges of Open vSwitch have, and their VLANs", quiet)

	NetworkSave = declare[None, None]("network_save",
		"makes the present networks those that the next boot restores")
)

// SwitchPortsResult has the ports by name.
type SwitchPortsResult struct {
	Ports map[string]SwitchPort `json:"ports"`
}

// SwitchPort is a port of a bridge of Open vSwitch.
type SwitchPort struct {
	Bridge string `json:"bridge"`
	Tag    *int   `json:"tag,omitzero"` // nil when it has none
}

// LLDPParams name links. Names that are no link's are answered as not listened
// to.
type LLDPParams struct {
	Devices []string `json:"devices"`
}

// LLDPResult tells of each of the links that were asked for.
type LLDPResult struct {
	Devices map[string]LLDPLink `json:"devices"`
}

// LLDPLink is what was heard on a link.
type LLDPLink struct {
	Enabled bool      `json:"enabled"` // it is up and listened to
	TLVs    []LLDPTLV `json:"tlvs"`
}

// LLDPTLV is one announcement. OUI and Subtype are an organisation's, when
// Type is 127.
type LLDPTLV struct {
	Type       uint8             `json:"type"`
	OUI        uint32            `json:"oui,omitzero"`
	Subtype    uint8             `json:"subtype,omitzero"`
	Name       string            `json:"name"`
	Properties map[string]string `json:"properties"`
}

// MirrorParams name a bridge, and the interface of a virtual machine that gets
// copies of its traffic, or gets them no longer.
type MirrorParams struct {
	Bridge  string `json:"bridge"`
	Watcher string `json:"watcher"`
	On      bool   `json:"on"`
}

// NumVFsParams name a network interface whose card has virtual functions.
type NumVFsParams struct {
	Device string `json:"device"`
	Count  uint64 `json:"count"`
}

// KSMTuneParams are settings of KSM, written in their order. Nothing is
// written when one of them is not allowed.
type KSMTuneParams struct {
	Settings []KSMSetting `json:"settings"`
}

// KSMSetting is one setting: run and merge_across_nodes are 0 to 2,
// sleep_millisecs and pages_to_scan below 2^32.
type KSMSetting struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}

// Facts are settings of the host. A nil member could not be read.
type Facts struct {
	InitiatorName *string `json:"initiatorName,omitzero"` // of iSCSI; "" when there is none
	VNCTLS        *bool   `json:"vncTLS,omitzero"`        // QEMU's VNC servers encrypt
	OVN           *bool   `json:"ovn,omitzero"`           // the host is a part of OVN
}
