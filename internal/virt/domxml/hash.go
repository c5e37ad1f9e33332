// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// DeviceHash returns a text that changes when the devices do, or when the
// guest's disk mapping does. Managers compare it for equality only and fetch
// the devices anew when it differs; they store at most 30 characters.
//
// The original takes Python's salted hash, so that every restart of the daemon
// costs a fetch per VM. Ours is the same at each start.
func (d *Domain) DeviceHash(diskMapping string) string {
	h := sha256.New()
	if devices := d.devices(); devices != nil {
		h.Write([]byte(textOfElement(devices)))
	}
	h.Write([]byte{0})
	h.Write([]byte(diskMapping))
	return strconv.FormatInt(int64(binary.BigEndian.Uint64(h.Sum(nil))), 10)
}
