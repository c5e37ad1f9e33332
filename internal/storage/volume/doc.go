// SPDX-License-Identifier: GPL-2.0-or-later

// Package volume keeps the images and volumes of a domain on files. An image
// is a disk, and a folder; a volume is one layer of it, and three files:
//
//	images/IMAGE/VOLUME         the data: raw, or qcow2 upon its parent
//	images/IMAGE/VOLUME.meta    what it is (package volumemd)
//	images/IMAGE/VOLUME.lease   who may write it; not on local folders
//
// A volume of a template lies, as hard links, in each image that is based on it.
//
// A volume exists when its metadata does: that is written last and removed
// last. An image stops existing by a rename. So whoever is killed between two
// writes leaves a volume, or a file without metadata, or one that is marked as
// illegal; and what would undo the work is handed to a [Task] before each
// step, in the words of the original, so that any host can do that.
//
// Names that come from clients are ids and nothing else; what images say about
// other files is looked at before a program is let near them.
//
// Who calls holds the locks of package resource: that of the image,
// exclusively, for everything that writes.
//
// Source: lib/vdsm/storage/{volume,fileVolume,image,fileSD,hsm,sp}.py.
package volume

import (
	"path"

	"govdsm/internal/storage/domain"
)

const (
	metaSuffix  = ".meta"
	leaseSuffix = ".lease"
	newSuffix   = ".new" // of what is being written; the next write takes it

	// permissions of data and leases, whatever the process's mask is.
	permissions = 0o660
)

// BlankID stands for no image, no volume, no pool.
const BlankID = "00000000-0000-0000-0000-000000000000"

// dataFile, metaFile and leaseFile are the names of a volume in its domain.
func dataFile(image, volume string) string  { return path.Join(domain.ImageDir(image), volume) }
func metaFile(image, volume string) string  { return dataFile(image, volume) + metaSuffix }
func leaseFile(image, volume string) string { return dataFile(image, volume) + leaseSuffix }
