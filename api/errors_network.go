// SPDX-License-Identifier: GPL-2.0-or-later

package api

// Errors of host networking. Each carries a text from the place of failure
// (Says). Source: lib/vdsm/network/errors.py.
var (
	ErrNetLostConnection = code(10, "ERR_LOST_CONNECTION", Plain, "")
	ErrNetBadParams      = code(21, "ERR_BAD_PARAMS", Plain, "")
	ErrNetBadAddr        = code(22, "ERR_BAD_ADDR", Plain, "")
	ErrNetBadNic         = code(23, "ERR_BAD_NIC", Plain, "")
	ErrNetUsedNic        = code(24, "ERR_USED_NIC", Plain, "")
	ErrNetBadBonding     = code(25, "ERR_BAD_BONDING", Plain, "")
	ErrNetBadVlan        = code(26, "ERR_BAD_VLAN", Plain, "")
	ErrNetBadBridge      = code(27, "ERR_BAD_BRIDGE", Plain, "")
	ErrNetFailedIfup     = code(29, "ERR_FAILED_IFUP", Plain, "")
	ErrNetUsedBond       = code(31, "ERR_USED_BOND", Plain, "")
	ErrNetOvsConnection  = code(32, "ERR_OVS_CONNECTION", Plain, "")
)
