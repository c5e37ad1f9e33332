// SPDX-License-Identifier: GPL-2.0-or-later

package api

var StoragePoolConnectStorageServer = declare[StoragePoolConnectStorageServerParams, []ConnectStorageServerStatus]("StoragePool.connectStorageServer", "3.1")

type StoragePoolConnectStorageServerParams struct {
	StoragePoolID    UUID                      `json:"storagepoolID" api:"object"`
	DomainType       StorageDomainType         `json:"domainType"`
	ConnectionParams []ConnectionRefParameters `json:"connectionParams"`
}

var StoragePoolDisconnectStorageServer = declare[StoragePoolDisconnectStorageServerParams, []ConnectStorageServerStatus]("StoragePool.disconnectStorageServer", "3.1")

type StoragePoolDisconnectStorageServerParams struct {
	StoragePoolID    UUID                      `json:"storagepoolID" api:"object"`
	DomainType       StorageDomainKind         `json:"domainType"`
	ConnectionParams []ConnectionRefParameters `json:"connectionParams"`
}

type ConnectionRefParameters struct{ Union }

// Alternatives implements OneOf.
func (ConnectionRefParameters) Alternatives() []any {
	return []any{IscsiConnectionParameters{}, PosixFsConnectionParameters{}, NfsConnectionParameters{}, LocalFsConnectionParameters{}}
}

type IscsiConnectionParameters struct {
	Tpgt       string `json:"tpgt" default:"1"`
	Port       string `json:"port" default:"3260"`
	Connection string `json:"connection"`
	Iqn        string `json:"iqn"`
	User       string `json:"user"`
	Password   string `json:"password"`
	ID         UUID   `json:"id"`
}

type PosixFsConnectionParameters struct {
	Spec    string  `json:"spec"`
	Vfstype string  `json:"vfstype"`
	Options *string `json:"options,omitzero" default:"null"`
}

type NfsConnectionParameters struct {
	Timeout *int64  `json:"timeout,omitzero" default:"null"`
	Version *string `json:"version,omitzero" default:"null"`
	Export  string  `json:"export"`
	Retrans *int64  `json:"retrans,omitzero" default:"null"`
}

type LocalFsConnectionParameters struct {
	Path string `json:"path"`
}

type ConnectStorageServerStatus struct {
	ID     UUID  `json:"id"`
	Status int64 `json:"status"`
}
