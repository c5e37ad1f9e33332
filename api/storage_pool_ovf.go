// SPDX-License-Identifier: GPL-2.0-or-later

package api

var StoragePoolGetBackedUpVmsInfo = declare[StoragePoolGetBackedUpVmsInfoParams, OVFMap]("StoragePool.getBackedUpVmsInfo", "3.1")

type StoragePoolGetBackedUpVmsInfoParams struct {
	StoragePoolID   UUID   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID   `json:"storagedomainID"`
	VMList          []UUID `json:"vmList"`
}

var StoragePoolGetBackedUpVmsList = declare[StoragePoolGetBackedUpVmsListParams, []UUID]("StoragePool.getBackedUpVmsList", "3.1")

type StoragePoolGetBackedUpVmsListParams struct {
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID"`
}

var StoragePoolUpdateVMs = declare[StoragePoolUpdateVMsParams, Nothing]("StoragePool.updateVMs", "3.1")

type StoragePoolUpdateVMsParams struct {
	StoragePoolID   UUID                 `json:"storagepoolID" api:"object"`
	VMList          []UpdateVmDefinition `json:"vmList"`
	StorageDomainID *UUID                `json:"storagedomainID,omitzero" default:"null"`
}

var StoragePoolRemoveVM = declare[StoragePoolRemoveVMParams, Nothing]("StoragePool.removeVM", "3.1")

type StoragePoolRemoveVMParams struct {
	StoragePoolID   UUID  `json:"storagepoolID" api:"object"`
	VMUUID          UUID  `json:"vmUUID"`
	StorageDomainID *UUID `json:"storagedomainID,omitzero" default:"null"`
}

type OVFMap map[UUID]string

type UpdateVmDefinition struct {
	VM      UUID   `json:"vm"`
	Imglist string `json:"imglist"`
	OVF     string `json:"ovf"`
}
