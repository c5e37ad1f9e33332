// SPDX-License-Identifier: GPL-2.0-or-later

// Package domain keeps storage domains on file systems: it makes them, opens
// them, changes their metadata and removes them. A domain is a folder named
// after its id, below a mount point or a local folder:
//
//	ID/dom_md/metadata          what the domain is (package domainmd)
//	ID/dom_md/ids, leases       of the cluster lock
//	ID/dom_md/inbox, outbox     of the mailbox
//	ID/dom_md/xleases           external leases; from version 4 on, not on local folders
//	ID/images/IMAGE/...         package volume
//	ID/master/vms, master/tasks package pool
//
// Everything is done through a helper process of the domain (package
// outofprocess), so a call returns whatever the file system does.
//
// A domain exists when its metadata does: that is written last but for the
// lock, and removed first.
//
// Source: lib/vdsm/storage/{sd,fileSD,nfsSD,localFsSD,sdc}.py.
package domain

import "path"

// The names in a domain.
const (
	metadataDir  = "dom_md"
	metadataFile = metadataDir + "/metadata"

	IDsFile     = metadataDir + "/ids"
	LeasesFile  = metadataDir + "/leases"
	XLeasesFile = metadataDir + "/xleases"
	InboxFile   = metadataDir + "/inbox"
	OutboxFile  = metadataDir + "/outbox"

	ImagesDir = "images"
	MasterDir = "master"

	// ISOImage is the image whose files are the discs of an ISO domain.
	ISOImage = "11111111-1111-1111-1111-111111111111"

	// removedPrefix is before the name of an image that is being removed.
	removedPrefix = "_remove_me_"
)

const mailboxSize = 16 << 20

// ImageDir returns the name of an image's folder.
func ImageDir(image string) string { return path.Join(ImagesDir, image) }

// RemovedImageDir returns the name under which an image's folder waits for its
// removal. Opening the domain removes what is left there.
func RemovedImageDir(image string) string { return path.Join(ImagesDir, removedPrefix+image) }
