// SPDX-License-Identifier: GPL-2.0-or-later

package domainmd

// Keys of the metadata. A domain has other keys if another program wrote
// them; they are kept.
const (
	KeyVersion     = "VERSION"
	KeyID          = "SDUUID"
	KeyType        = "TYPE"
	KeyClass       = "CLASS"
	KeyDescription = "DESCRIPTION"
	KeyRole        = "ROLE"
	KeyPools       = "POOL_UUID"
	KeyRemotePath  = "REMOTE_PATH"
	KeyAlignment   = "ALIGNMENT"
	KeyBlockSize   = "BLOCK_SIZE"

	KeyLockPolicy   = "LOCKPOLICY"
	KeyLockRenewal  = "LOCKRENEWALINTERVALSEC"
	KeyLeaseTime    = "LEASETIMESEC"
	KeyIOTimeout    = "IOOPTIMEOUTSEC"
	KeyLeaseRetries = "LEASERETRIES"

	KeyVGUUID            = "VGUUID"
	KeyLogicalBlockSize  = "LOGBLKSIZE" // block domains before version 5
	KeyPhysicalBlockSize = "PHYBLKSIZE" // block domains before version 5

	KeyMasterVersion   = "MASTER_VERSION"
	KeyPoolDescription = "POOL_DESCRIPTION"
	KeyPoolDomains     = "POOL_DOMAINS"
	KeyPoolSPMID       = "POOL_SPM_ID"
	KeyPoolSPMLver     = "POOL_SPM_LVER"
)

// MaxDescription is the greatest length of a domain's description and of a
// pool's, in characters.
const MaxDescription = 50

const (
	mib     = 1 << 20
	blankID = "00000000-0000-0000-0000-000000000000"
)
