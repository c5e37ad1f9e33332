// SPDX-License-Identifier: GPL-2.0-or-later

package tc

const kindMirred = "mirred"

// anonymous returns a struct tc_mirred without what the kernel gave or counted:
// its index, references and bindings.
func anonymous(parms []byte) []byte {
	const size = 28
	if len(parms) < size {
		return parms
	}
	kept := make([]byte, size)
	copy(kept[8:12], parms[8:12]) // what becomes of the packet
	copy(kept[20:28], parms[20:28])
	return kept
}
