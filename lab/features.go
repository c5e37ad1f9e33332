// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"os/exec"
)

// Feature is something of the kernel that a test needs.
type Feature string

// The features that a network namespace can have. Where the running kernel has
// them, a test needs no host.
const (
	Bonding  Feature = "bonding"
	Bridge   Feature = "bridge"
	Dummy    Feature = "dummy"
	FQCodel  Feature = "fq_codel"
	HFSC     Feature = "hfsc"
	HTB      Feature = "htb"
	Macvlan  Feature = "macvlan"
	NFTables Feature = "nftables"
	Veth     Feature = "veth"
	VLAN     Feature = "vlan"
	VXLAN    Feature = "vxlan"
)

// The features that belong to a whole machine. A test that needs one of them
// always gets a host, as it would otherwise change the machine it runs on.
const (
	DeviceMapper Feature = "device-mapper"
	Disks        Feature = "disks" // loop devices
	ISCSI        Feature = "iscsi"
	NFS          Feature = "nfs"
	OpenVSwitch  Feature = "openvswitch"
	SCSITarget   Feature = "scsi-target"
	Watchdog     Feature = "watchdog"
)

// recipe says how to find a feature out and how to get it.
type recipe struct {
	try     string // a script that succeeds in an empty network namespace of a kernel that has it
	modules string // what modprobe loads for it
}

// recipe returns the recipe of the feature. Trying is the only test that does
// not lie: a module may be built in, loaded, or missing.
func (f Feature) recipe() recipe {
	switch f {
	case Bonding:
		return recipe{"ip link add try0 type bond", "bonding"}
	case Bridge:
		return recipe{"ip link add try0 type bridge", "bridge"}
	case Dummy:
		return recipe{"ip link add try0 type dummy", "dummy"}
	case FQCodel:
		return recipe{"tc qdisc add dev lo root fq_codel", "sch_fq_codel"}
	case HFSC:
		return recipe{"tc qdisc add dev lo root handle 1: hfsc default 1", "sch_hfsc"}
	case HTB:
		return recipe{"tc qdisc add dev lo root handle 1: htb default 1", "sch_htb"}
	case Macvlan:
		return recipe{"ip link add try0 type veth peer name try1 && ip link add link try0 name try2 type macvlan", "macvlan veth"}
	case NFTables:
		return recipe{"nft add table inet try", "nf_tables nft_ct nft_nat"}
	case Veth:
		return recipe{"ip link add try0 type veth", "veth"}
	case VLAN:
		return recipe{"ip link add try0 type veth peer name try1 && ip link add link try0 name try0.7 type vlan id 7", "8021q veth"}
	case VXLAN:
		return recipe{"ip link add try0 type vxlan id 7 dstport 4789 local 127.0.0.1", "vxlan"}
	case DeviceMapper:
		return recipe{"", "dm-mod dm-multipath dm-thin-pool dm-snapshot dm-mirror"}
	case Disks:
		return recipe{"", "loop ext4 xfs"}
	case ISCSI:
		return recipe{"", "iscsi_tcp sd_mod"}
	case NFS:
		return recipe{"", "nfsd nfsv4"}
	case OpenVSwitch:
		return recipe{"", "openvswitch"}
	case SCSITarget:
		return recipe{"", "target_core_file iscsi_target_mod tcm_loop"}
	case Watchdog:
		return recipe{"", "softdog"}
	}
	panic("lab: unknown feature " + string(f))
}

// here tells whether the machine's own kernel has the feature and lets us use
// it in a network namespace.
func (f Feature) here(ctx context.Context) bool {
	r := f.recipe()
	if r.try == "" {
		return false
	}
	return exec.CommandContext(ctx, "unshare", namespaceArgs("sh", "-c", r.try)...).Run() == nil
}
