// SPDX-License-Identifier: GPL-2.0-or-later

// Package config reads /etc/vdsm/vdsm.conf and its drop-ins.
//
// Every option of the original is declared once, as a field of one of the
// section structs in this package: name, default, unit, limits, meaning, and
// whether it does anything here. The printed defaults and the reference page
// come from those fields.
//
// Reading never fails as a whole. What cannot be understood is reported with
// file and line, and the default takes its place: a typing error must not keep
// a host down.
package config

// Config is the configuration, one field per section. Times are durations,
// sizes are in the unit that the option's description names.
type Config struct {
	Vars        Vars        `section:"vars"`
	RPC         RPC         `section:"rpc"`
	MOM         MOM         `section:"mom"`
	IRS         IRS         `section:"irs"`
	ISCSI       ISCSI       `section:"iscsi"`
	SPM         SPM         `section:"spm"`
	Mailbox     Mailbox     `section:"mailbox"`
	ThinP       ThinP       `section:"thinp"`
	Multipath   Multipath   `section:"multipath"`
	LVM         LVM         `section:"lvm"`
	Sanlock     Sanlock     `section:"sanlock"`
	Jobs        Jobs        `section:"jobs"`
	Addresses   Addresses   `section:"addresses"`
	Sampling    Sampling    `section:"sampling"`
	Metrics     Metrics     `section:"metrics"`
	Devel       Devel       `section:"devel"`
	Health      Health      `section:"health"`
	Gluster     Gluster     `section:"gluster"`
	Performance Performance `section:"performance"`
	V2V         V2V         `section:"v2v"`
	GuestAgent  GuestAgent  `section:"guest_agent"`
}
