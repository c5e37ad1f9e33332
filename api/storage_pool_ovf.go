// SPDX-License-Identifier: GPL-2.0-or-later

package api

// StoragePoolGetBackedUpVmsInfo returns the stored descriptions (OVF) of VMs.
var StoragePoolGetBackedUpVmsInfo = declare[StoragePoolGetBackedUpVmsInfoParams, OVFMap]("StoragePool.getBackedUpVmsInfo", "3.1")

// StoragePoolGetBackedUpVmsInfoParams are the parameters of
// StoragePool.getBackedUpVmsInfo.
type StoragePoolGetBackedUpVmsInfoParams struct {
	StoragePoolID   UUID   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID   `json:"storagedomainID"`
	VMList          []UUID `json:"vmList"`
}

// StoragePoolGetBackedUpVmsList lists the VMs whose descriptions are stored.
var StoragePoolGetBackedUpVmsList = declare[StoragePoolGetBackedUpVmsListParams, []UUID]("StoragePool.getBackedUpVmsList", "3.1")

// StoragePoolGetBackedUpVmsListParams are the parameters of
// StoragePool.getBackedUpVmsList.
type StoragePoolGetBackedUpVmsListParams struct {
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID"`
}

// StoragePoolUpdateVMs stores the descriptions (OVF) of VMs in a domain.
var StoragePoolUpdateVMs = declare[StoragePoolUpdateVMsParams, Nothing]("StoragePool.updateVMs", "3.1")

// StoragePoolUpdateVMsParams are the parameters of StoragePool.updateVMs.
type StoragePoolUpdateVMsParams struct {
	StoragePoolID   UUID                 `json:"storagepoolID" api:"object"`
	VMList          []UpdateVmDefinition `json:"vmList"`
	StorageDomainID *UUID                `json:"storagedomainID,omitzero" default:"null"` // the master domain when left out
}

// StoragePoolRemoveVM removes a stored description.
var StoragePoolRemoveVM = declare[StoragePoolRemoveVMParams, Nothing]("StoragePool.removeVM", "3.1")

// StoragePoolRemoveVMParams are the parameters of StoragePool.removeVM.
type StoragePoolRemoveVMParams struct {
	StoragePoolID   UUID  `json:"storagepoolID" api:"object"`
	VMUUID          UUID  `json:"vmUUID"`
	StorageDomainID *UUID `json:"storagedomainID,omitzero" default:"null"` // the master domain when left out
}

// OVFMap maps a VM to its description.
type OVFMap map[UUID]string

// UpdateVmDefinition is the description of a VM to store.
type UpdateVmDefinition struct {
	VM      UUID   `json:"vm"`
	Imglist string `json:"imglist"` // ids of its images, separated by commas
	OVF     string `json:"ovf"`     // empty removes the description
}
