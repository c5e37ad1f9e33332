// SPDX-License-Identifier: GPL-2.0-or-later

package privileged

import "time"

// Operations of storage.
var (
	StorageMount = declare[StorageMountParams, None]("storage_mount",
		"mounts storage on an empty folder below the repository's mnt, without set-uid files and devices",
		lasting(3*time.Minute))
	StorageUnmount = declare[StorageTarget, None]("storage_unmount",
		"lets go of what is mounted on a folder below the repository's mnt, even if its server has gone")
	StorageAccess = declare[StorageTarget, None]("storage_access",
		"asks as vdsmd's user and as QEMU's whether they may use a folder", quiet)
	StorageStartNBD = declare[StorageStartNBDParams, None]("storage_start_nbd",
		"starts qemu-nbd for an image on storage as a service of its own, under vdsmd's user")
	StorageStopNBD = declare[StorageNBDServer, None]("storage_stop_nbd",
		"ends a service that storage_start_nbd started")
)

// StorageMountParams say what to mount. Options are refused that do something
// to other mounts than the new one.
type StorageMountParams struct {
	Source  string `json:"source"`
	Target  string `json:"target"`
	Type    string `json:"type,omitzero"`    // as mount -t takes it
	Options string `json:"options,omitzero"` // as mount -o takes them
	Slice   string `json:"slice,omitzero"`   // systemd's slice for daemons that the mount starts
}

// StorageTarget names a folder.
type StorageTarget struct {
	Path string `json:"path"`
}

// StorageStartNBDParams say what an NBD server serves, and how.
type StorageStartNBDParams struct {
	ID           string `json:"id"`
	Path         string `json:"path"`
	Format       string `json:"format"` // raw or qcow2
	ReadOnly     bool   `json:"read_only,omitzero"`
	Discard      bool   `json:"discard,omitzero"`
	DetectZeroes bool   `json:"detect_zeroes,omitzero"`
	TopOnly      bool   `json:"top_only,omitzero"` // without what the image is based on
	Bitmap       string `json:"bitmap,omitzero"`
}

// StorageNBDServer names an NBD server.
type StorageNBDServer struct {
	ID string `json:"id"`
}
