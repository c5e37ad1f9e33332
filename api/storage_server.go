// SPDX-License-Identifier: GPL-2.0-or-later

package api

// StoragePoolConnectStorageServer mounts or logs in to storage.
var StoragePoolConnectStorageServer = declare[StoragePoolConnectStorageServerParams, []ConnectStorageServerStatus]("StoragePool.connectStorageServer", "3.1")

// StoragePoolConnectStorageServerParams are the parameters of
// StoragePool.connectStorageServer.
type StoragePoolConnectStorageServerParams struct {
	StoragePoolID    UUID                      `json:"storagepoolID" api:"object"` // of no effect
	DomainType       StorageDomainType         `json:"domainType"`
	ConnectionParams []ConnectionRefParameters `json:"connectionParams"`
}

// StoragePoolDisconnectStorageServer unmounts or logs out of storage.
var StoragePoolDisconnectStorageServer = declare[StoragePoolDisconnectStorageServerParams, []ConnectStorageServerStatus]("StoragePool.disconnectStorageServer", "3.1")

// StoragePoolDisconnectStorageServerParams are the parameters of
// StoragePool.disconnectStorageServer.
type StoragePoolDisconnectStorageServerParams struct {
	StoragePoolID    UUID                      `json:"storagepoolID" api:"object"` // of no effect
	DomainType       StorageDomainKind         `json:"domainType"`
	ConnectionParams []ConnectionRefParameters `json:"connectionParams"`
}

// ConnectionRefParameters says how to reach storage.
type ConnectionRefParameters struct{ Union }

// Alternatives implements OneOf.
func (ConnectionRefParameters) Alternatives() []any {
	return []any{IscsiConnectionParameters{}, PosixFsConnectionParameters{}, NfsConnectionParameters{}, LocalFsConnectionParameters{}}
}

// IscsiConnectionParameters is an iSCSI target.
type IscsiConnectionParameters struct {
	Tpgt       string `json:"tpgt" default:"1"` // target portal group tag
	Port       string `json:"port" default:"3260"`
	Connection string `json:"connection"` // address of the portal
	Iqn        string `json:"iqn"`
	User       string `json:"user"`
	Password   string `json:"password"`
	ID         UUID   `json:"id"`
}

// PosixFsConnectionParameters is a file system the kernel can mount.
type PosixFsConnectionParameters struct {
	Spec    string  `json:"spec"`                            // what to mount
	Vfstype string  `json:"vfstype"`                         // type, as mount wants it
	Options *string `json:"options,omitzero" default:"null"` // as mount wants them, separated by commas
}

// NfsConnectionParameters is an NFS export.
type NfsConnectionParameters struct {
	// tenths of a second before a request is sent again
	Timeout *int64  `json:"timeout,omitzero" default:"null"`
	Version *string `json:"version,omitzero" default:"null"`
	Export  string  `json:"export"`
	Retrans *int64  `json:"retrans,omitzero" default:"null"` // how often
}

// LocalFsConnectionParameters is a directory of this host.
type LocalFsConnectionParameters struct {
	Path string `json:"path"`
}

// ConnectStorageServerStatus is the outcome for one connection.
type ConnectStorageServerStatus struct {
	ID     UUID  `json:"id"`
	Status int64 `json:"status"` // 0 or an error code
}
